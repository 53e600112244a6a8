import { expect, test } from 'bun:test';
import { hierarchies, parseCgroupHost } from '../../../../src/runtime/containers/cgroup-host.ts';

const line = (target: string, type: string, options: string): string =>
  `30 29 0:26 / ${target} rw,nosuid shared:9 - ${type} ${type} ${options}`;

test('a host with version 2 alone has one hierarchy and its controllers', () => {
  const host = parseCgroupHost(line('/sys/fs/cgroup', 'cgroup2', 'rw'), () => 'cpuset cpu io memory pids\n');
  expect([...host.v1]).toEqual([]);
  expect(host.v2).toEqual({ root: '/sys/fs/cgroup', controllers: new Set(['cpuset', 'cpu', 'io', 'memory', 'pids']) });
});

test('a hybrid host has both, each hierarchy once, controllers that share one too', () => {
  const host = parseCgroupHost(
    [
      line('/sys/fs/cgroup', 'tmpfs', 'rw'),
      line('/sys/fs/cgroup/unified', 'cgroup2', 'rw'),
      line('/sys/fs/cgroup/cpu,cpuacct', 'cgroup', 'rw,cpu,cpuacct'),
      line('/sys/fs/cgroup/memory', 'cgroup', 'rw,memory'),
      line('/sys/fs/cgroup/systemd', 'cgroup', 'rw,xattr,name=systemd'),
      line('/mnt/again', 'cgroup', 'rw,memory'),
    ].join('\n'),
    () => '\n',
  );
  expect(Object.fromEntries(host.v1)).toEqual({
    cpu: '/sys/fs/cgroup/cpu,cpuacct',
    cpuacct: '/sys/fs/cgroup/cpu,cpuacct',
    memory: '/sys/fs/cgroup/memory',
    systemd: '/sys/fs/cgroup/systemd',
  });
  expect(hierarchies(host)).toEqual([
    '/sys/fs/cgroup/cpu,cpuacct',
    '/sys/fs/cgroup/memory',
    '/sys/fs/cgroup/systemd',
    '/sys/fs/cgroup/unified',
  ]);
});

test('a host without cgroups has none', () => {
  const host = parseCgroupHost(line('/', 'ext4', 'rw'), () => '');
  expect(hierarchies(host)).toEqual([]);
});
