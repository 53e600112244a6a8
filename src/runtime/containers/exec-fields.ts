import type { ContainerConfig } from '../../model/container.ts';
import type { ExecOptions } from '../../model/runtime.ts';
import type { Fields } from '../core/frame.ts';
import { profileToJoin } from './apparmor.ts';
import { capabilityFields } from './capabilities.ts';
import { planCgroups } from './cgroup-plan.ts';
import { detachKeyBytes } from './detach-keys.ts';
import { eventFields } from './event-fields.ts';
import { terminalSize } from './foreground.ts';
import { rlimitFields } from './rlimit-fields.ts';
import type { ContainerServices } from './services.ts';

/** A running container: its first process and that process's start time. */
export interface ExecTarget {
  readonly config: ContainerConfig;
  readonly runDir: string;
  /** Path of the log of events. */
  readonly eventLog: string;
  readonly process: { readonly pid: number; readonly start: number };
}

type Host = Pick<ContainerServices, 'cgroups' | 'seccomp'>;

/** The core's request for a further process: native/PROTOCOL.md, `exec`. */
export async function execFields(host: Host, target: ExecTarget, options: ExecOptions): Promise<Fields> {
  return [
    ...placeFields(host, target),
    ...eventFields(target.config, target.eventLog),
    ...processFields(target.config, options),
    ...(await privilegeFields(host, target.config, options)),
    ...stdioFields(options),
  ];
}

function placeFields({ cgroups }: Host, { config, runDir, process: { pid, start } }: ExecTarget): Fields {
  const { procs } = planCgroups({ id: config.id, resources: { ...config.resources, blkioDevices: [] } }, cgroups.facts({ resources: {} }));
  return [['run_dir', runDir], ['pid', String(pid)], ['pid_start', String(start)], ...procs.map((path) => ['cgroup.procs', path] as const)];
}

function processFields(config: ContainerConfig, { args, env = [], cwd, user, tty = false }: ExecOptions): Fields {
  return [
    ['user', user ?? config.process.user],
    ...(user === undefined ? config.process.groupAdd.map((group) => ['group', group] as const) : []),
    ['cwd', cwd ?? (config.process.cwd === '' ? '/' : config.process.cwd)],
    ...mergedEnv(config, env, tty).map((entry) => ['env', entry] as const),
    ...rlimitFields(config.process.ulimits),
    ...args.map((arg) => ['arg', arg] as const),
  ];
}

/** The container's environment, then what this process adds; the later of two with one name counts. */
function mergedEnv({ process, hostname }: ContainerConfig, added: readonly string[], tty: boolean): readonly string[] {
  const entries = new Map<string, string>();
  const defaults = [
    'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    `HOSTNAME=${hostname}`,
    ...(tty ? ['TERM=xterm'] : []),
  ];
  for (const entry of [...defaults, ...process.env, ...added]) entries.set(entry.split('=', 1)[0] ?? entry, entry);
  return [...entries.values()];
}

async function privilegeFields({ seccomp }: Host, { security }: ContainerConfig, { privileged = false }: ExecOptions): Promise<Fields> {
  const effective = privileged ? { ...security, privileged: true } : security;
  const filter = privileged ? undefined : await seccomp.file({ security });
  const apparmor = privileged ? undefined : profileToJoin(security);
  return [
    ...capabilityFields(effective),
    ['no_new_privs', security.noNewPrivileges && !privileged ? '1' : '0'],
    ['privileged', privileged ? '1' : '0'],
    ...(filter === undefined ? [] : ([['seccomp', filter]] as const)),
    ...(apparmor === undefined ? [] : ([['apparmor', apparmor]] as const)),
  ];
}

function stdioFields({ mode, tty = false, stdin = false, detachKeys }: ExecOptions): Fields {
  return [
    ['tty', tty ? '1' : '0'],
    ...(tty ? terminalSize() : []),
    ['stdin', stdin ? '1' : '0'],
    ['foreground', mode === 'detach' ? '0' : '1'],
    ...(mode === 'detach' ? [] : ([['output', mode]] as const)),
    ['detach_keys', detachKeyBytes(detachKeys ?? 'ctrl-p,ctrl-q')],
  ];
}
