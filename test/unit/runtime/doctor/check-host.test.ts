import { expect, test } from 'bun:test';
import { checkHost } from '../../../../src/runtime/doctor/check-host.ts';
import type { HostFacts } from '../../../../src/runtime/doctor/host-facts.ts';

const healthy: HostFacts = {
  uid: 0,
  kernel: '6.1.0-18-amd64',
  fileSystems: new Set(['overlay']),
  cgroups: { v1: new Map(), v2: { root: '/sys/fs/cgroup', controllers: new Set(['cpu', 'memory', 'pids']) } },
  appArmor: true,
  appArmorParser: true,
  nft: true,
  forwarding: { ipv4: '1', ipv6: '1' },
  legacyTables: [],
  resolver: { nameservers: ['192.0.2.1'], search: [], options: [] },
  disks: [{ folder: '/var/lib/mydocker', free: 50, size: 100, freeInodes: 50, inodes: 100 }],
  dataRoot: { folder: '/var/lib/mydocker', fileSystem: 0xef53 },
};

test('a host that has all has nothing to do', () => {
  expect(checkHost(healthy).filter(({ level, advice }) => level !== 'ok' || advice !== '')).toEqual([]);
});

test.each<[string, string, Partial<HostFacts>]>([
  ['problem', 'privileges', { uid: 1000 }],
  ['problem', 'kernel', { kernel: '5.11.22' }],
  ['problem', 'kernel', { kernel: '4.19.0' }],
  ['problem', 'overlayfs', { fileSystems: new Set(['ext4']) }],
  ['problem', 'data root', { dataRoot: { folder: '/var/lib/mydocker', fileSystem: 0x794c7630 } }],
  ['problem', 'cgroups', { cgroups: { v1: new Map(), v2: undefined } }],
  ['warning', 'cgroups', { cgroups: { v1: new Map([['cpu', '/sys/fs/cgroup/cpu']]), v2: undefined } }],
  ['warning', 'apparmor', { appArmorParser: false }],
  ['problem', 'nft', { nft: false }],
  ['warning', 'iptables', { legacyTables: ['nat', 'filter'] }],
  ['warning', 'forwarding', { forwarding: { ipv4: '0', ipv6: '1' } }],
  ['warning', 'names', { resolver: { nameservers: [], search: [], options: [] } }],
  ['warning', 'disk', { disks: [{ folder: '/', free: 5, size: 100, freeInodes: 50, inodes: 100 }] }],
  ['problem', 'disk', { disks: [{ folder: '/', free: 50, size: 100, freeInodes: 0, inodes: 100 }] }],
])('%s of %s comes with advice', (level, subject, change) => {
  const found = checkHost({ ...healthy, ...change }).filter((finding) => finding.level !== 'ok');
  expect(found.map((finding) => [finding.level, finding.subject, finding.advice !== ''])).toEqual([[level, subject, true]]);
});
