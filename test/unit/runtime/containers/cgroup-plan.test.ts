import { expect, test } from 'bun:test';
import type { ResourceLimits } from '../../../../src/model/container.ts';
import type { CgroupHost } from '../../../../src/runtime/containers/cgroup-host.ts';
import { cgroupParentOf, cpuWeightOf, ioWeightOf, planCgroups, type CgroupFacts } from '../../../../src/runtime/containers/cgroup-plan.ts';

const ID = 'a'.repeat(64);
const v1: CgroupHost = {
  v1: new Map(['cpu', 'cpuset', 'memory', 'pids', 'blkio', 'devices', 'freezer'].map((name) => [name, `/cg/${name}`])),
  v2: undefined,
};
const v2: CgroupHost = { v1: new Map(), v2: { root: '/cg', controllers: new Set(['cpu', 'cpuset', 'memory', 'pids', 'io']) } };

function plan(host: CgroupHost, resources: ResourceLimits): { writes: string[]; warnings: readonly string[] } {
  const facts: CgroupFacts = { host, blockDevices: new Map([['/dev/sda', { major: 8, minor: 0 }]]), cpusetCpus: '0-3', cpusetMems: '0' };
  const { writes, warnings } = planCgroups({ id: ID, resources }, facts);
  const prefix = new RegExp(`/cg/(?:\\w+/)?mydocker/${ID}/`);
  return { writes: writes.filter((line) => !line.includes('/cpuset.')).map((line) => line.replace(prefix, '')), warnings };
}

const cases: readonly (readonly [what: string, limits: ResourceLimits, v1: readonly string[], v2: readonly string[]])[] = [
  ['nothing asked', {}, [], []],
  [
    'memory allows as much swap again',
    { memory: 64 << 20 },
    ['?memory.memsw.limit_in_bytes|134217728', 'memory.limit_in_bytes|67108864', '?memory.memsw.limit_in_bytes|134217728'],
    ['memory.max|67108864', '?memory.swap.max|67108864'],
  ],
  [
    'as much memory and swap as memory is no swap',
    { memory: 64 << 20, memorySwap: 64 << 20 },
    ['?memory.memsw.limit_in_bytes|67108864', 'memory.limit_in_bytes|67108864', '?memory.memsw.limit_in_bytes|67108864'],
    ['memory.max|67108864', '?memory.swap.max|0'],
  ],
  [
    'swap without limit',
    { memory: 64 << 20, memorySwap: -1 },
    ['?memory.memsw.limit_in_bytes|-1', 'memory.limit_in_bytes|67108864', '?memory.memsw.limit_in_bytes|-1'],
    ['memory.max|67108864', '?memory.swap.max|max'],
  ],
  ['reservation', { memoryReservation: 10 << 20 }, ['memory.soft_limit_in_bytes|10485760'], ['memory.low|10485760']],
  ['a number of CPUs', { nanoCpus: 1.5e9 }, ['cpu.cfs_period_us|100000', 'cpu.cfs_quota_us|150000'], ['cpu.max|150000 100000']],
  ['a quota alone', { cpuQuota: 5000 }, ['cpu.cfs_quota_us|5000'], ['cpu.max|5000 100000']],
  ['a period alone', { cpuPeriod: 50000 }, ['cpu.cfs_period_us|50000'], ['cpu.max|max 50000']],
  ['shares', { cpuShares: 1024 }, ['cpu.shares|1024'], ['cpu.weight|39']],
  ['processes', { pidsLimit: 20 }, ['pids.max|20'], ['pids.max|20']],
  ['processes without limit', { pidsLimit: -1 }, ['pids.max|max'], ['pids.max|max']],
  [
    'block I/O weight',
    { blkioWeight: 500 },
    ['?blkio.weight|500', '?blkio.bfq.weight|500'],
    ['?io.weight|default 4950', '?io.bfq.weight|500'],
  ],
  [
    'block I/O of a device',
    { blkioDevices: [{ kind: 'read_bps', path: '/dev/sda', value: 1000 }] },
    ['blkio.throttle.read_bps_device|8:0 1000'],
    ['io.max|8:0 rbps=1000'],
  ],
];
test.each(cases.map((each) => [...each] as const))('%s', (_, limits, first, second) => {
  expect(plan(v1, limits)).toEqual({ writes: [...first], warnings: [] });
  expect(plan(v2, limits)).toEqual({ writes: [...second], warnings: [] });
});

test('a controller that the parent is not given is a warning that says where to look', () => {
  const host: CgroupHost = { v1: new Map(), v2: { root: '/cg', controllers: new Set(['cpu', 'memory']), handedDown: new Set(['cpu']) } };
  const { writes, warnings } = plan(host, { memory: 1 << 26, nanoCpus: 1e9 });
  expect(writes).toEqual(['cpu.max|100000 100000']);
  expect(warnings).toEqual([
    'the memory limits are not set: the cgroup /mydocker has no controller "memory" for cgroups in it (see its cgroup.subtree_control, and those above it)',
  ]);
});

test('a missing controller is a warning that names it, and only when it is needed', () => {
  const host: CgroupHost = { v1: new Map(), v2: { root: '/cg', controllers: new Set(['cpu']) } };
  expect(plan(host, { pidsLimit: 5, nanoCpus: 1e9 }).warnings).toEqual([
    'the pids limits are not set: this host has no cgroup controller "pids"',
  ]);
  expect(plan(host, {}).warnings).toEqual([]);
});

test('what only version 1 can do is a warning on version 2', () => {
  expect(plan(v2, { memorySwappiness: 10, oomKillDisable: true }).warnings).toEqual([
    'mem_swappiness, oom_kill_disable: only cgroup version 1 can do that, not set on this host',
  ]);
});

test('a new cpuset of version 1 that has its values from its parent gets only what is wished', () => {
  const facts: CgroupFacts = { host: v1, blockDevices: new Map(), cpusetCpus: '0-3', cpusetMems: '0', cpusetInherited: true };
  const lines = planCgroups({ id: ID, resources: { cpusetCpus: '1' } }, facts).writes.filter((line) => line.includes('cpuset.'));
  expect(lines).toEqual([`/cg/cpuset/mydocker/${ID}/cpuset.cpus|1`]);
});

test('a new cpuset of version 1 gets what the root has, before anything joins it', () => {
  const facts: CgroupFacts = { host: v1, blockDevices: new Map(), cpusetCpus: '0-3', cpusetMems: '0' };
  const lines = planCgroups({ id: ID, resources: { cpusetCpus: '1' } }, facts).writes.filter((line) => line.includes('cpuset.'));
  expect(lines).toEqual([
    '?/cg/cpuset/mydocker/cpuset.cpus|0-3',
    '?/cg/cpuset/mydocker/cpuset.mems|0',
    `/cg/cpuset/mydocker/${ID}/cpuset.cpus|1`,
    `/cg/cpuset/mydocker/${ID}/cpuset.mems|0`,
  ]);
});

test.each([
  [{ memory: 1000 }],
  [{ memorySwap: 10 << 20 }],
  [{ memory: 64 << 20, memorySwap: 32 << 20 }],
  [{ memory: 64 << 20, memoryReservation: 65 << 20 }],
  [{ nanoCpus: 1e9, cpuQuota: 1000 }],
] as const)('%j is refused', (limits) => {
  expect(() => plan(v1, limits)).toThrow(expect.objectContaining({ code: 'invalid' }));
});

test('the parent of a cgroup cannot climb', () => {
  expect(cgroupParentOf({})).toBe('/mydocker');
  expect(cgroupParentOf({ cgroupParent: 'a//b/' })).toBe('/a/b');
  expect(() => cgroupParentOf({ cgroupParent: '/a/../..' })).toThrow();
});

test('weights span the whole range', () => {
  expect([2, 1024, 262_144, 1, 1e9].map(cpuWeightOf)).toEqual([1, 39, 10_000, 1, 10_000]);
  expect([10, 1000].map(ioWeightOf)).toEqual([1, 10_000]);
});
