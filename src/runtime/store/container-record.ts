import * as z from 'zod/mini';
import type { ContainerConfig } from '../../model/container.ts';
import type { ContainerState } from '../../model/container-state.ts';

/** Built at the first record that has to be looked into: building it costs more than reading a hundred sealed ones. */
function containerShape(): z.ZodMiniType {
  const strings = z.array(z.string());
  const texts = z.record(z.string(), z.string());
  const count = z.optional(z.number());

  const mountBase = { target: z.string(), readOnly: z.boolean() };
  const mount = z.discriminatedUnion('type', [
    z.object({
      ...mountBase,
      type: z.literal('bind'),
      source: z.string(),
      propagation: z.enum(['rprivate', 'private', 'rshared', 'shared', 'rslave', 'slave']),
      recursive: z.boolean(),
      createSource: z.boolean(),
    }),
    z.object({
      ...mountBase,
      type: z.literal('volume'),
      volume: z.string(),
      anonymous: z.boolean(),
      nocopy: z.boolean(),
      subpath: z.string(),
    }),
    z.object({
      ...mountBase,
      type: z.literal('tmpfs'),
      size: z.number(),
      mode: z.optional(z.number()),
      uid: z.number(),
      gid: z.number(),
      options: strings,
    }),
    z.object({ ...mountBase, type: z.literal('content'), content: z.string(), mode: z.number(), uid: z.number(), gid: z.number() }),
    z.object({ ...mountBase, type: z.literal('image'), layers: strings, subpath: z.string() }),
  ]);

  const namespace = z.union([
    z.object({ kind: z.enum(['private', 'host', 'none', 'shareable']) }),
    z.object({ kind: z.literal('container'), container: z.string() }),
  ]);

  const endpoint = z.object({
    network: z.string(),
    aliases: strings,
    links: strings,
    ipv4Address: z.optional(z.string()),
    ipv6Address: z.optional(z.string()),
    linkLocalIps: strings,
    macAddress: z.optional(z.string()),
    interfaceName: z.optional(z.string()),
    priority: z.number(),
    gwPriority: z.number(),
    driverOpts: texts,
  });

  const resources = z.object({
    memory: count,
    memorySwap: count,
    memoryReservation: count,
    memorySwappiness: count,
    oomKillDisable: z.optional(z.boolean()),
    nanoCpus: count,
    cpuShares: count,
    cpuQuota: count,
    cpuPeriod: count,
    cpuRtRuntime: count,
    cpuRtPeriod: count,
    cpusetCpus: z.optional(z.string()),
    cpusetMems: z.optional(z.string()),
    pidsLimit: count,
    blkioWeight: count,
    blkioDevices: z.optional(
      z.array(
        z.object({ kind: z.enum(['weight', 'read_bps', 'read_iops', 'write_bps', 'write_iops']), path: z.string(), value: z.number() }),
      ),
    ),
    deviceCgroupRules: z.optional(strings),
    cgroupParent: z.optional(z.string()),
  });

  return z.object({
    version: z.literal(1),
    id: z.string().check(z.regex(/^[0-9a-f]{64}$/)),
    name: z.string(),
    created: z.string(),
    image: z.object({ reference: z.string(), id: z.string(), layers: strings }),
    labels: texts,
    process: z.object({
      args: strings.check(z.minLength(1)),
      entrypoint: strings,
      command: strings,
      env: strings,
      cwd: z.string(),
      user: z.string(),
      groupAdd: strings,
      tty: z.boolean(),
      stdinOpen: z.boolean(),
      stdinOnce: z.boolean(),
      ulimits: z.array(z.object({ name: z.string(), soft: z.number(), hard: z.number() })),
      oomScoreAdj: z.number(),
    }),
    hostname: z.string(),
    domainname: z.string(),
    namespaces: z.object({ network: namespace, pid: namespace, ipc: namespace, uts: namespace, cgroup: namespace }),
    mounts: z.array(mount),
    readonlyRootfs: z.boolean(),
    security: z.object({
      privileged: z.boolean(),
      capAdd: strings,
      capDrop: strings,
      noNewPrivileges: z.boolean(),
      seccomp: z.string(),
      apparmor: z.optional(z.string()),
      maskSystemPaths: z.boolean(),
    }),
    resources,
    sysctls: texts,
    devices: z.array(z.object({ hostPath: z.string(), containerPath: z.string(), permissions: z.string() })),
    shmSize: z.number(),
    init: z.boolean(),
    restart: z.object({
      name: z.enum(['no', 'always', 'on-failure', 'unless-stopped']),
      maximumRetryCount: z.number(),
      onUnhealthy: z.optional(z.boolean()),
    }),
    stop: z.object({ signal: z.string(), timeout: z.number() }),
    log: z.object({
      driver: z.enum(['json-file', 'local', 'none']),
      maxSize: z.number(),
      maxFile: z.number(),
      options: z.optional(texts),
    }),
    healthcheck: z.optional(
      z.object({
        test: strings,
        interval: z.number(),
        timeout: z.number(),
        retries: z.number(),
        startPeriod: z.number(),
        startInterval: z.number(),
      }),
    ),
    network: z.object({
      endpoints: z.array(endpoint),
      ports: z.array(
        z.object({
          containerPort: z.number(),
          protocol: z.enum(['tcp', 'udp', 'sctp']),
          hostIp: z.string(),
          hostPort: z.number(),
          hostPortEnd: count,
        }),
      ),
      extraHosts: strings,
      dns: strings,
      dnsSearch: strings,
      dnsOptions: strings,
      exposed: strings,
    }),
    autoRemove: z.boolean(),
  });
}

/** `containers/<id>/config.json`. */
// A field that is absent and one that is undefined are the same in JSON; the types tell them apart.
export const containerRecord = z.lazy(containerShape) as unknown as z.ZodMiniType<ContainerConfig>;

const healthRecord = z.lazy(() =>
  z.object({
    status: z.enum(['starting', 'healthy', 'unhealthy']),
    failingStreak: z.number(),
    log: z.array(z.object({ start: z.string(), end: z.string(), exitCode: z.number(), output: z.string() })),
  }),
);

const stateShape = z.lazy(() =>
  z.object({
    version: z.literal(1),
    id: z.string(),
    status: z.enum(['created', 'running', 'paused', 'restarting', 'exited', 'dead']),
    supervisor: z.object({ pid: z.number(), start: z.number() }),
    pid: z.number(),
    pidStart: z.number(),
    startedAt: z.string(),
    finishedAt: z.string(),
    exitCode: z.number(),
    oomKilled: z.boolean(),
    error: z.string(),
    restartCount: z.number(),
    stoppedByUser: z.boolean(),
    autoRemove: z.boolean(),
    health: z.optional(healthRecord),
  }),
);

/** What the supervisor writes: `state.json` and `last-state.json`. */
export interface StateRecord {
  readonly version: 1;
  readonly id: string;
  readonly status: ContainerState['status'];
  readonly supervisor: { readonly pid: number; readonly start: number };
  readonly pid: number;
  readonly pidStart: number;
  readonly startedAt: string;
  readonly finishedAt: string;
  readonly exitCode: number;
  readonly oomKilled: boolean;
  readonly error: string;
  readonly restartCount: number;
  readonly stoppedByUser: boolean;
  readonly autoRemove: boolean;
  readonly health?: ContainerState['health'];
}
export const stateRecord = stateShape as unknown as z.ZodMiniType<StateRecord>;
