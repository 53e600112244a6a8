import type { ResourceLimits } from '../../model/container.ts';
import type { CgroupFacts } from './cgroup-plan.ts';

interface Release {
  readonly controller: string;
  readonly isSet: (resources: ResourceLimits) => boolean;
  readonly v1: readonly string[];
  readonly v2: readonly string[];
}

const positive = (value: number | undefined): boolean => (value ?? 0) > 0;
const text = (value: string | undefined): boolean => (value ?? '') !== '';

/** What a cgroup has that nobody limited. Version 2 takes a cpuset back with an empty line; version 1's is always written. */
const RELEASES: readonly Release[] = [
  {
    controller: 'memory',
    isSet: ({ memory }) => positive(memory),
    v1: ['?memory.memsw.limit_in_bytes|-1', 'memory.limit_in_bytes|-1'],
    v2: ['memory.max|max', '?memory.swap.max|max'],
  },
  {
    controller: 'memory',
    isSet: ({ memoryReservation }) => positive(memoryReservation),
    v1: ['memory.soft_limit_in_bytes|-1'],
    v2: ['memory.low|0'],
  },
  { controller: 'cpu', isSet: ({ cpuShares }) => positive(cpuShares), v1: ['cpu.shares|1024'], v2: ['cpu.weight|100'] },
  {
    controller: 'cpu',
    isSet: ({ nanoCpus, cpuQuota }) => positive(nanoCpus) || (cpuQuota ?? 0) !== 0,
    v1: ['cpu.cfs_quota_us|-1'],
    v2: ['cpu.max|max 100000'],
  },
  {
    controller: 'cpu',
    isSet: ({ nanoCpus, cpuPeriod }) => positive(nanoCpus) || positive(cpuPeriod),
    v1: ['cpu.cfs_period_us|100000'],
    v2: ['cpu.max|max 100000'],
  },
  { controller: 'cpu', isSet: ({ cpuRtRuntime }) => positive(cpuRtRuntime), v1: ['cpu.rt_runtime_us|0'], v2: [] },
  { controller: 'pids', isSet: ({ pidsLimit }) => positive(pidsLimit), v1: ['pids.max|max'], v2: ['pids.max|max'] },
  { controller: 'cpuset', isSet: ({ cpusetCpus }) => text(cpusetCpus), v1: [], v2: ['cpuset.cpus|\n'] },
  { controller: 'cpuset', isSet: ({ cpusetMems }) => text(cpusetMems), v1: [], v2: ['cpuset.mems|\n'] },
];

/** The writes that take back the limits which `before` has and `after` has not; they come before those that set limits. */
export function releaseWrites(before: ResourceLimits, after: ResourceLimits, { host }: CgroupFacts, path: string): readonly string[] {
  return RELEASES.filter(({ isSet }) => isSet(before) && !isSet(after)).flatMap(({ controller, v1, v2 }) => {
    const root = host.v1.get(controller);
    const lines = root !== undefined ? v1 : host.v2?.controllers.has(controller) === true ? v2 : [];
    const folder = (root ?? host.v2?.root ?? '') + path;
    return lines.map((line) => (line.startsWith('?') ? `?${folder}/${line.slice(1)}` : `${folder}/${line}`));
  });
}
