import { compileRules } from '../rules.ts';
import type { Value } from '../tree.ts';

/** Turns text into the type that the schema wants at its place; undefined when it cannot. */
export interface Cast {
  readonly wanted: string;
  apply(text: string): Value | undefined;
}

export const integer: Cast = {
  wanted: 'an integer',
  apply: (text) => {
    if (!/^[-+]?\d+$/.test(text)) return undefined;
    const value = Number(text);
    return Number.isSafeInteger(value) ? value : BigInt(text);
  },
};

export const decimal: Cast = {
  wanted: 'a number',
  apply: (text) => (/^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(text) ? Number(text) : undefined),
};

export const boolean: Cast = {
  wanted: 'a boolean',
  apply: (text) => {
    switch (text.toLowerCase()) {
      case 'true':
      case 'y':
      case 'yes':
      case 'on':
        return true;
      case 'false':
      case 'n':
      case 'no':
      case 'off':
        return false;
      default:
        return undefined;
    }
  },
};

const SERVICE_CASTS: Readonly<Record<string, Cast>> = {
  cpu_count: integer,
  cpu_percent: decimal,
  cpu_period: integer,
  cpu_quota: integer,
  cpu_rt_period: integer,
  cpu_rt_runtime: integer,
  cpus: decimal,
  cpu_shares: integer,
  init: boolean,
  'depends_on.*.restart': boolean,
  'deploy.replicas': integer,
  'deploy.update_config.parallelism': integer,
  'deploy.update_config.max_failure_ratio': decimal,
  'deploy.rollback_config.parallelism': integer,
  'deploy.rollback_config.max_failure_ratio': decimal,
  'deploy.restart_policy.max_attempts': integer,
  'deploy.placement.max_replicas_per_node': integer,
  'healthcheck.retries': integer,
  'healthcheck.disable': boolean,
  oom_kill_disable: boolean,
  oom_score_adj: integer,
  pids_limit: integer,
  'ports.*.target': integer,
  privileged: boolean,
  read_only: boolean,
  scale: integer,
  stdin_open: boolean,
  tty: boolean,
  'ulimits.*': integer,
  'ulimits.*.hard': integer,
  'ulimits.*.soft': integer,
  'volumes.*.read_only': boolean,
  'volumes.*.volume.nocopy': boolean,
};

export const casts = compileRules<Cast>({
  ...Object.fromEntries(Object.entries(SERVICE_CASTS).map(([path, cast]) => [`services.*.${path}`, cast])),
  'networks.*.external': boolean,
  'networks.*.internal': boolean,
  'networks.*.attachable': boolean,
  'networks.*.enable_ipv4': boolean,
  'networks.*.enable_ipv6': boolean,
  'volumes.*.external': boolean,
  'secrets.*.external': boolean,
  'configs.*.external': boolean,
});
