import type { ResourceLimits } from '../../model/container.ts';
import { canLimit } from './cgroup-host.ts';
import type { CgroupFacts } from './cgroup-plan.ts';

interface Release {
  readonly controller: string;
  readonly isSet: (resources: ResourceLimits) => boolean;
  readonly v1: readonly string[];
  readonly v2: readonly string[];
}

const positive = (value: number | undefined): boolean => (value ?? 0) > 0;
const text = (value: string | undefined): boolean => (value ?? '') !== '';

/** What a cgroup has that nobody limited, cpusets aside. */
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
];

/**
 * Version 1's is always written. Version 2 takes one back with an empty line, kernels of the 6.1 series only as long as nobody
 * is in it: those keep what the host has.
 */
function cpusetReleases({ cpusetCpus, cpusetMems }: CgroupFacts): readonly Release[] {
  return [
    { controller: 'cpuset', isSet: ({ cpusetCpus: cpus }) => text(cpus), v1: [], v2: [`cpuset.cpus|${cpusetCpus}`, '?cpuset.cpus|\n'] },
    { controller: 'cpuset', isSet: ({ cpusetMems: mems }) => text(mems), v1: [], v2: [`cpuset.mems|${cpusetMems}`, '?cpuset.mems|\n'] },
  ];
}

/** The writes that take back the limits which `before` has and `after` has not; they come before those that set limits. */
export function releaseWrites(before: ResourceLimits, after: ResourceLimits, facts: CgroupFacts, path: string): readonly string[] {
  const { host } = facts;
  return [...RELEASES, ...cpusetReleases(facts)]
    .filter(({ isSet }) => isSet(before) && !isSet(after))
    .flatMap(({ controller, v1, v2 }) => {
      const root = host.v1.get(controller);
      const lines = root !== undefined ? v1 : canLimit(host, controller) ? v2 : [];
      const folder = (root ?? host.v2?.root ?? '') + path;
      return lines.map((line) => (line.startsWith('?') ? `?${folder}/${line.slice(1)}` : `${folder}/${line}`));
    });
}
