import { expect, test } from 'bun:test';
import { sysctlProblem } from '../../../src/model/sysctls.ts';

const own = { network: 'private', ipc: 'private', uts: 'private' } as const;

test('only what a namespace of the container holds may be set', () => {
  for (const name of ['net.core.somaxconn', 'net/ipv4/conf/eth0.1/forwarding', 'kernel.shmmax', 'fs.mqueue.msg_max', 'kernel.domainname']) {
    expect(sysctlProblem(name, own)).toBeUndefined();
  }
  for (const name of ['vm.swappiness', 'kernel.hostname', 'kernel.panic', 'fs.file-max', 'vm/swappiness', 'net']) {
    expect(sysctlProblem(name, own)).toBeDefined();
  }
});

test('a name that climbs on its way is none', () => {
  for (const name of ['net/../kernel/panic', 'net.//.kernel.panic', 'net/./core/somaxconn', 'net..core.somaxconn', 'net.', '/net/core']) {
    expect(sysctlProblem(name, own)).toContain('is not the name of a kernel parameter');
  }
});

test('nor what the container shares with the host', () => {
  expect(sysctlProblem('net.core.somaxconn', { ...own, network: 'host' })).toContain("the host's");
  expect(sysctlProblem('kernel.sem', { ...own, ipc: 'host' })).toContain("the host's");
  expect(sysctlProblem('kernel.domainname', { ...own, uts: 'host' })).toContain("the host's");
  expect(sysctlProblem('net.core.somaxconn', { ...own, network: 'container' })).toBeUndefined();
});
