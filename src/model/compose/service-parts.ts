import * as z from 'zod/mini';
import {
  closed,
  command,
  extraHosts,
  flagOrText,
  integerOrText,
  limitedInteger,
  listOrMap,
  numberOrText,
  open,
  options,
  required,
  string,
  stringOrList,
  strings,
  unique,
  uniqueStrings,
  named,
} from './parts.ts';

const { text, wholeNumber, number, boolean } = required;

/** `configs:` and `secrets:` of a service or a build. */
export const fileReferences = z.array(
  z.union([text, open({ source: string, target: string, uid: string, gid: string, mode: numberOrText })]),
);

export const ulimits = z.record(
  text,
  z.union([wholeNumber, text, open({ hard: z.union([wholeNumber, text]), soft: z.union([wholeNumber, text]) })]),
);

export const build = (): z.ZodMiniType =>
  z.union([
    text,
    open({
      context: string,
      dockerfile: string,
      dockerfile_inline: string,
      entitlements: z.optional(strings),
      args: z.optional(listOrMap),
      ssh: z.optional(listOrMap),
      labels: z.optional(listOrMap),
      cache_from: z.optional(strings),
      cache_to: z.optional(strings),
      no_cache: flagOrText,
      additional_contexts: z.optional(listOrMap),
      network: string,
      provenance: flagOrText,
      sbom: flagOrText,
      pull: flagOrText,
      target: string,
      shm_size: integerOrText,
      extra_hosts: z.optional(extraHosts),
      isolation: string,
      privileged: flagOrText,
      secrets: z.optional(fileReferences),
      tags: z.optional(strings),
      ulimits: z.optional(ulimits),
      platforms: z.optional(strings),
    }),
  ]);

export const blkio = (): z.ZodMiniType => {
  const rates = z.optional(z.array(closed({ path: string, rate: integerOrText })));
  return closed({
    weight: integerOrText,
    weight_device: z.optional(z.array(closed({ path: string, weight: integerOrText }))),
    device_read_bps: rates,
    device_read_iops: rates,
    device_write_bps: rates,
    device_write_iops: rates,
  });
};

export const hook = (): z.ZodMiniType =>
  open({ command, user: string, privileged: flagOrText, working_dir: string, environment: z.optional(listOrMap) });

export const develop = (): z.ZodMiniType =>
  z.nullable(
    open({
      watch: z.optional(
        z.array(
          open({
            path: text,
            action: z.enum(['rebuild', 'sync', 'restart', 'sync+restart', 'sync+exec']),
            target: string,
            exec: z.optional(hook()),
            include: z.optional(stringOrList),
            ignore: z.optional(stringOrList),
            initial_sync: z.optional(boolean),
          }),
        ),
      ),
    }),
  );

export const dependsOn = (): z.ZodMiniType =>
  z.union([
    uniqueStrings,
    named(
      open({
        condition: z.enum(['service_started', 'service_healthy', 'service_completed_successfully']),
        restart: flagOrText,
        required: z.optional(boolean),
      }),
    ),
  ]);

export const devices = (): z.ZodMiniType => z.array(z.union([text, open({ source: text, target: string, permissions: string })]));

export const envFile = (): z.ZodMiniType =>
  z.union([text, z.array(z.union([text, closed({ path: text, format: string, required: flagOrText })]))]);

export const healthcheck = (): z.ZodMiniType =>
  open({
    test: z.optional(z.union([text, strings])),
    interval: string,
    timeout: string,
    retries: numberOrText,
    start_period: string,
    start_interval: string,
    disable: flagOrText,
  });

export const serviceNetworks = (): z.ZodMiniType =>
  z.union([
    uniqueStrings,
    named(
      z.nullable(
        open({
          aliases: z.optional(uniqueStrings),
          driver_opts: z.optional(options),
          gw_priority: z.optional(number),
          interface_name: string,
          ipv4_address: string,
          ipv6_address: string,
          link_local_ips: z.optional(uniqueStrings),
          mac_address: string,
          priority: z.optional(number),
        }),
      ),
    ),
  ]);

export const serviceModels = (): z.ZodMiniType =>
  z.union([uniqueStrings, named(z.nullable(open({ endpoint_var: string, model_var: string })))]);

export const ports = (): z.ZodMiniType =>
  unique(
    z.union([
      number,
      text,
      open({
        name: string,
        mode: string,
        host_ip: string,
        target: integerOrText,
        published: integerOrText,
        protocol: string,
        app_protocol: string,
      }),
    ]),
  );

export const volumes = (): z.ZodMiniType =>
  unique(
    z.union([
      text,
      open({
        type: z.enum(['bind', 'volume', 'tmpfs', 'cluster', 'npipe', 'image']),
        source: string,
        target: string,
        read_only: flagOrText,
        consistency: string,
        bind: z.optional(
          open({
            propagation: string,
            create_host_path: flagOrText,
            recursive: z.optional(z.enum(['enabled', 'disabled', 'writable', 'readonly'])),
            selinux: z.optional(z.enum(['z', 'Z'])),
          }),
        ),
        volume: z.optional(open({ labels: z.optional(listOrMap), nocopy: flagOrText, subpath: string })),
        tmpfs: z.optional(open({ size: limitedInteger(0), mode: numberOrText })),
        image: z.optional(open({ subpath: string })),
      }),
    ]),
  );

export const provider = (): z.ZodMiniType => {
  const option = z.union([text, number, boolean]);
  return open({ type: text, options: z.optional(z.record(text, z.union([option, z.array(option)]))) });
};

const deviceRequest = {
  capabilities: z.optional(uniqueStrings),
  count: integerOrText,
  device_ids: z.optional(uniqueStrings),
  driver: string,
  options: z.optional(listOrMap),
};

export const gpus = (): z.ZodMiniType => z.union([z.literal('all'), z.array(z.looseObject(deviceRequest))]);

export const deploy = (): z.ZodMiniType => {
  const update = z.optional(
    open({
      parallelism: integerOrText,
      delay: string,
      failure_action: string,
      monitor: string,
      max_failure_ratio: numberOrText,
      order: z.optional(z.enum(['start-first', 'stop-first'])),
    }),
  );
  const genericResources = z.array(open({ discrete_resource_spec: z.optional(open({ kind: string, value: numberOrText })) }));
  return z.nullable(
    open({
      mode: string,
      replicas: integerOrText,
      labels: z.optional(listOrMap),
      update_config: update,
      rollback_config: update,
      resources: z.optional(
        open({
          limits: z.optional(open({ cpus: numberOrText, memory: string, pids: integerOrText })),
          reservations: z.optional(
            open({
              cpus: numberOrText,
              memory: string,
              generic_resources: z.optional(genericResources),
              devices: z.optional(z.array(open({ ...deviceRequest, capabilities: uniqueStrings }))),
            }),
          ),
        }),
      ),
      restart_policy: z.optional(open({ condition: string, delay: string, max_attempts: integerOrText, window: string })),
      placement: z.optional(
        open({
          constraints: z.optional(strings),
          preferences: z.optional(z.array(open({ spread: string }))),
          max_replicas_per_node: integerOrText,
        }),
      ),
      endpoint_mode: string,
    }),
  );
};

/** `x-mydocker` of a service: see docs/beyond-compose.md. */
export const extension = (): z.ZodMiniType =>
  closed({ restart_on_unhealthy: z.optional(boolean), watch_content: z.optional(z.union([boolean, unique(text)])) });
