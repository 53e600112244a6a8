import { expect, test } from 'bun:test';
import type { CgroupHost } from '../../../../src/runtime/containers/cgroup-host.ts';
import { releaseWrites } from '../../../../src/runtime/containers/release-limits.ts';

const facts = (host: CgroupHost) => ({ host, blockDevices: new Map(), cpusetCpus: '0-3', cpusetMems: '0' });
const v1: CgroupHost = { v1: new Map([['memory', '/cg/memory']]), v2: undefined };
const v2: CgroupHost = { v1: new Map(), v2: { root: '/cg', controllers: new Set(['cpu', 'cpuset', 'memory']) } };

test('limits that go are taken back, those that stay are left to what sets them', () => {
  expect(releaseWrites({ memory: 1, nanoCpus: 1 }, { nanoCpus: 2 }, facts(v2), '/c')).toEqual([
    '/cg/c/memory.max|max',
    '?/cg/c/memory.swap.max|max',
  ]);
  expect(releaseWrites({ memory: 1 }, {}, facts(v1), '/c')).toEqual([
    '?/cg/memory/c/memory.memsw.limit_in_bytes|-1',
    '/cg/memory/c/memory.limit_in_bytes|-1',
  ]);
});

test('a cpuset that goes is what the host has, and none at all where the kernel takes that while processes are in it', () => {
  expect(releaseWrites({ cpusetCpus: '1', cpusetMems: '0' }, {}, facts(v2), '/c')).toEqual([
    '/cg/c/cpuset.cpus|0-3',
    '?/cg/c/cpuset.cpus|\n',
    '/cg/c/cpuset.mems|0',
    '?/cg/c/cpuset.mems|\n',
  ]);
});

test('a controller that the container does not have is not written', () => {
  const partly: CgroupHost = { v1: new Map(), v2: { root: '/cg', controllers: new Set(['cpu', 'memory']), handedDown: new Set(['cpu']) } };
  expect(releaseWrites({ memory: 1, cpuShares: 5 }, {}, facts(partly), '/c')).toEqual(['/cg/c/cpu.weight|100']);
});
