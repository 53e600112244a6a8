import { dirname } from 'node:path';
import { MydockerError } from '../../errors.ts';
import type { ContainerConfig, ResourceLimits } from '../../model/container.ts';
import { canLimit, hierarchies, type CgroupHost } from './cgroup-host.ts';

/** What `start` needs to know of cgroups: PROTOCOL.md, keys `cgroup*`, `device.cgroup*`. */
export interface CgroupPlan {
  readonly folders: readonly string[];
  readonly writes: readonly string[];
  readonly procs: readonly string[];
  readonly freeze?: string;
  readonly kill?: string;
  readonly oom?: string;
  readonly deviceFolder: { readonly v1?: string; readonly v2?: string };
  /** Limits that this host cannot set, as sentences that name the controller. */
  readonly warnings: readonly string[];
}

export interface DeviceNumber {
  readonly major: number;
  readonly minor: number;
}

export interface CgroupFacts {
  readonly host: CgroupHost;
  /** Of the block devices in `blkioDevices`, by path. */
  readonly blockDevices: ReadonlyMap<string, DeviceNumber>;
  /** What the root's cpuset has: version 1 needs it before anything joins. */
  readonly cpusetCpus: string;
  readonly cpusetMems: string;
  /** A new cpuset in the container's parent has these by itself. */
  readonly cpusetInherited?: boolean;
}

export const DEFAULT_CGROUP_PARENT = '/mydocker';

export function cgroupParentOf(resources: ResourceLimits): string {
  const parent = resources.cgroupParent ?? DEFAULT_CGROUP_PARENT;
  if (parent.split('/').includes('..')) throw new MydockerError('invalid', `cgroup parent ${JSON.stringify(parent)} has a ".." in it`);
  return `/${parent.split('/').filter(Boolean).join('/')}`;
}

export function cgroupPathOf({ id, resources }: Pick<ContainerConfig, 'id' | 'resources'>): string {
  const parent = cgroupParentOf(resources);
  return parent === '/' ? `/${id}` : `${parent}/${id}`;
}

export function planCgroups(config: Pick<ContainerConfig, 'id' | 'resources'>, facts: CgroupFacts): CgroupPlan {
  const { host } = facts;
  const path = cgroupPathOf(config);
  const folders = hierarchies(host).map((root) => root + path);
  const v2Folder = host.v2 === undefined ? undefined : host.v2.root + path;
  const devices = host.v1.get('devices');
  const limits = limitWrites(config.resources, facts, path);
  return {
    folders,
    procs: folders.map((folder) => `${folder}/cgroup.procs`),
    writes: [...(facts.cpusetInherited === true ? [] : cpusetDefaults(facts, config.resources)), ...limits.writes],
    warnings: limits.warnings,
    ...freezerOf(host, path),
    ...(v2Folder === undefined ? {} : { kill: `${v2Folder}/cgroup.kill` }),
    ...oomCounterOf(host, path),
    deviceFolder: {
      ...(devices === undefined ? {} : { v1: devices + path }),
      ...(devices === undefined && v2Folder !== undefined ? { v2: v2Folder } : {}),
    },
  };
}

/** Version 2's freezer where there is one, hybrid hosts too: a process frozen by it can still be killed. */
function freezerOf(host: CgroupHost, path: string): { freeze?: string } {
  if (host.v2 !== undefined) return { freeze: `${host.v2.root}${path}/cgroup.freeze|1|0` };
  const freezer = host.v1.get('freezer');
  return freezer === undefined ? {} : { freeze: `${freezer}${path}/freezer.state|FROZEN|THAWED` };
}

function oomCounterOf(host: CgroupHost, path: string): { oom?: string } {
  const memory = host.v1.get('memory');
  if (memory !== undefined) return { oom: `${memory}${path}/memory.oom_control|oom_kill` };
  return host.v2 !== undefined && canLimit(host, 'memory') ? { oom: `${host.v2.root}${path}/memory.events|oom_kill` } : {};
}

/** On version 1 a new cpuset is empty and nothing can join it: it and its parents get what the root has. */
function cpusetDefaults({ host, cpusetCpus, cpusetMems }: CgroupFacts, resources: ResourceLimits): string[] {
  const root = host.v1.get('cpuset');
  if (root === undefined) return [];
  const writes: string[] = [];
  let folder = root;
  // The container's own folder comes last and gets its own values, if it has any, after these.
  for (const part of [...cgroupParentOf(resources).split('/').filter(Boolean), '']) {
    if (part === '') break;
    folder = `${folder}/${part}`;
    writes.push(`?${folder}/cpuset.cpus|${cpusetCpus}`, `?${folder}/cpuset.mems|${cpusetMems}`);
  }
  return writes;
}

interface Limit {
  readonly writes: readonly string[];
  readonly warnings: readonly string[];
}

/** The writes that set the limits of a container whose cgroup exists at `path`; also used by `update`. */
export function limitWrites(resources: ResourceLimits, facts: CgroupFacts, path: string): Limit {
  checkResources(resources);
  const writes: string[] = [];
  const warnings: string[] = [];
  for (const [controller, lines] of controllerWrites(resources, facts)) {
    const v1 = facts.host.v1.get(controller);
    const v2Name = controller === 'blkio' ? 'io' : controller;
    const v2 = facts.host.v2;
    const chosen = v1 !== undefined ? lines.v1 : canLimit(facts.host, v2Name) ? lines.v2 : undefined;
    const folder = (v1 ?? v2?.root ?? '') + path;
    if (chosen !== undefined) {
      writes.push(...chosen.map((line) => (line.startsWith('?') ? `?${folder}/${line.slice(1)}` : `${folder}/${line}`)));
    } else if (lines.asked) {
      const reason =
        v2?.controllers.has(v2Name) === true
          ? `the cgroup ${dirname(path)} has no controller "${v2Name}" for cgroups in it (see its cgroup.subtree_control, and those above it)`
          : `this host has no cgroup controller "${v2Name}"`;
      warnings.push(`the ${controller} limits are not set: ${reason}`);
    }
    if (chosen === lines.v2 && lines.onlyV1.length > 0 && v1 === undefined) {
      warnings.push(`${lines.onlyV1.join(', ')}: only cgroup version 1 can do that, not set on this host`);
    }
  }
  return { writes, warnings };
}

interface ControllerLines {
  readonly v1: readonly string[];
  readonly v2: readonly string[];
  /** Options that version 2 does not have. */
  readonly onlyV1: readonly string[];
  /** The user set something here. */
  readonly asked: boolean;
}

function controllerWrites(resources: ResourceLimits, facts: CgroupFacts): [string, ControllerLines][] {
  return [
    ['cpuset', cpusetLines(resources, facts)],
    ['memory', memoryLines(resources)],
    ['cpu', cpuLines(resources)],
    ['pids', pidsLines(resources)],
    ['blkio', blkioLines(resources, facts)],
  ];
}

function checkResources({ memory, memorySwap, memoryReservation, nanoCpus, cpuQuota }: ResourceLimits): void {
  if (memory !== undefined && memory > 0 && memory < 6 * 1024 * 1024) throw new MydockerError('invalid', 'the minimum memory limit is 6MB');
  if (memorySwap !== undefined && memorySwap > 0 && (memory ?? 0) <= 0) {
    throw new MydockerError('invalid', 'a limit of memory and swap needs a limit of memory too');
  }
  if (memorySwap !== undefined && memorySwap > 0 && memory !== undefined && memorySwap < memory) {
    throw new MydockerError('invalid', 'the limit of memory and swap together must not be below that of memory');
  }
  if (memory !== undefined && memory > 0 && memoryReservation !== undefined && memoryReservation > memory) {
    throw new MydockerError('invalid', 'the memory reservation must not be above the memory limit');
  }
  if (nanoCpus !== undefined && nanoCpus > 0 && cpuQuota !== undefined && cpuQuota > 0) {
    throw new MydockerError('invalid', 'a number of CPUs and a CPU quota exclude each other');
  }
}

function cpusetLines({ cpusetCpus, cpusetMems }: ResourceLimits, facts: CgroupFacts): ControllerLines {
  const cpus = cpusetCpus ?? '';
  const mems = cpusetMems ?? '';
  const wished = [...(cpus === '' ? [] : [`cpuset.cpus|${cpus}`]), ...(mems === '' ? [] : [`cpuset.mems|${mems}`])];
  const complete = [`cpuset.cpus|${cpus === '' ? facts.cpusetCpus : cpus}`, `cpuset.mems|${mems === '' ? facts.cpusetMems : mems}`];
  return {
    v1: facts.cpusetInherited === true ? wished : complete,
    v2: wished,
    onlyV1: [],
    asked: cpus !== '' || mems !== '',
  };
}

/** Docker's rule: memory without a word about swap allows as much swap again. */
function memoryLines(resources: ResourceLimits): ControllerLines {
  const { memoryReservation, memorySwappiness, oomKillDisable } = resources;
  const memory = (resources.memory ?? 0) > 0 ? resources.memory : undefined;
  const wish = resources.memorySwap ?? 0;
  const together = wish !== 0 ? wish : memory === undefined ? undefined : memory * 2;
  const v1: string[] = [];
  const v2: string[] = [];
  // A limit may be raised or lowered on a running container, and memory may never exceed memory and swap: so swap first (it may fail), then again.
  if (memory !== undefined) {
    if (together !== undefined) v1.push(`?memory.memsw.limit_in_bytes|${String(together)}`);
    v1.push(`memory.limit_in_bytes|${String(memory)}`);
    v2.push(`memory.max|${String(memory)}`);
  }
  if (together !== undefined) {
    // Absent without swap accounting; then the limit on memory alone holds.
    v1.push(`?memory.memsw.limit_in_bytes|${String(together)}`);
    v2.push(`?memory.swap.max|${together < 0 ? 'max' : String(together - (memory ?? 0))}`);
  }
  if ((memoryReservation ?? 0) > 0) {
    v1.push(`memory.soft_limit_in_bytes|${String(memoryReservation)}`);
    v2.push(`memory.low|${String(memoryReservation)}`);
  }
  if (memorySwappiness !== undefined && memorySwappiness >= 0) v1.push(`memory.swappiness|${String(memorySwappiness)}`);
  if (oomKillDisable === true) v1.push('memory.oom_control|1');
  return {
    v1,
    v2,
    onlyV1: [
      ...(memorySwappiness === undefined || memorySwappiness < 0 ? [] : ['mem_swappiness']),
      ...(oomKillDisable === true ? ['oom_kill_disable'] : []),
    ],
    asked: v1.length > 0,
  };
}

const CPU_PERIOD = 100_000;

function cpuLines({ nanoCpus, cpuShares, cpuQuota, cpuPeriod, cpuRtRuntime, cpuRtPeriod }: ResourceLimits): ControllerLines {
  const v1: string[] = [];
  const v2: string[] = [];
  if ((cpuShares ?? 0) > 0) {
    v1.push(`cpu.shares|${String(cpuShares)}`);
    v2.push(`cpu.weight|${String(cpuWeightOf(cpuShares ?? 0))}`);
  }
  const period = nanoCpus !== undefined && nanoCpus > 0 ? CPU_PERIOD : (cpuPeriod ?? 0);
  const quota = nanoCpus !== undefined && nanoCpus > 0 ? Math.round((nanoCpus * CPU_PERIOD) / 1e9) : (cpuQuota ?? 0);
  if (period > 0) v1.push(`cpu.cfs_period_us|${String(period)}`);
  if (quota !== 0) v1.push(`cpu.cfs_quota_us|${String(quota)}`);
  if (period > 0 || quota !== 0) v2.push(`cpu.max|${quota > 0 ? String(quota) : 'max'} ${String(period > 0 ? period : CPU_PERIOD)}`);
  if (cpuRtPeriod !== undefined && cpuRtPeriod > 0) v1.push(`cpu.rt_period_us|${String(cpuRtPeriod)}`);
  if (cpuRtRuntime !== undefined && cpuRtRuntime > 0) v1.push(`cpu.rt_runtime_us|${String(cpuRtRuntime)}`);
  const realtime = (cpuRtPeriod ?? 0) > 0 || (cpuRtRuntime ?? 0) > 0;
  return { v1, v2, onlyV1: realtime ? ['cpu_rt_runtime', 'cpu_rt_period'] : [], asked: v1.length > 0 };
}

/** Shares 2…262144 of version 1 to the weight 1…10000 of version 2, linear as runc has it. */
export function cpuWeightOf(shares: number): number {
  const bounded = Math.min(Math.max(shares, 2), 262_144);
  return 1 + Math.floor(((bounded - 2) * 9999) / 262_142);
}

/** blkio weight 10…1000 to io.weight 1…10000. */
export function ioWeightOf(weight: number): number {
  return 1 + Math.floor(((Math.min(Math.max(weight, 10), 1000) - 10) * 9999) / 990);
}

function pidsLines({ pidsLimit }: ResourceLimits): ControllerLines {
  if (pidsLimit === undefined || pidsLimit === 0) return { v1: [], v2: [], onlyV1: [], asked: false };
  const line = `pids.max|${pidsLimit < 0 ? 'max' : String(pidsLimit)}`;
  return { v1: [line], v2: [line], onlyV1: [], asked: pidsLimit > 0 };
}

const THROTTLE = { read_bps: 'rbps', read_iops: 'riops', write_bps: 'wbps', write_iops: 'wiops' } as const;

function blkioLines({ blkioWeight, blkioDevices = [] }: ResourceLimits, { blockDevices }: CgroupFacts): ControllerLines {
  const v1: string[] = [];
  const v2: string[] = [];
  if ((blkioWeight ?? 0) > 0) {
    // Which of the two a kernel has depends on its I/O scheduler; without one that weighs, neither.
    v1.push(`?blkio.weight|${String(blkioWeight)}`, `?blkio.bfq.weight|${String(blkioWeight)}`);
    v2.push(`?io.weight|default ${String(ioWeightOf(blkioWeight ?? 0))}`, `?io.bfq.weight|${String(blkioWeight)}`);
  }
  for (const { kind, path, value } of blkioDevices) {
    const number = blockDevices.get(path);
    if (number === undefined) throw new MydockerError('invalid', `${path} is not a block device of this host`);
    const device = `${String(number.major)}:${String(number.minor)}`;
    if (kind === 'weight') {
      v1.push(`?blkio.weight_device|${device} ${String(value)}`, `?blkio.bfq.weight_device|${device} ${String(value)}`);
      v2.push(`?io.weight|${device} ${String(ioWeightOf(value))}`);
    } else {
      const [direction, unit] = kind.split('_');
      v1.push(`blkio.throttle.${direction ?? ''}_${unit ?? ''}_device|${device} ${String(value)}`);
      v2.push(`io.max|${device} ${THROTTLE[kind]}=${String(value)}`);
    }
  }
  return { v1, v2, onlyV1: [], asked: v1.length > 0 };
}
