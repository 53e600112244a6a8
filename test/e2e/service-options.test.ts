import { expect, test } from 'bun:test';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { useSandbox } from '../helpers/sandbox.ts';

const sandbox = useSandbox();

/** Starts one service with these keys and returns what the script prints in it. */
async function inService(keys: string, script: string): Promise<string> {
  sandbox.write('compose.yaml', `services:\n  web: {image: busybox, init: true, command: [sleep, "1000"], ${keys}}\n`);
  await sandbox.compose(['up', '-d']);
  const output = await sandbox.compose(['exec', '-T', 'web', 'sh', '-c', script]);
  await sandbox.compose(['down', '-t', '0']);
  return output;
}

/** What `up` says about one service with these keys, when it refuses it. */
async function refusal(keys: string): Promise<string> {
  sandbox.write('compose.yaml', `services:\n  web: {image: busybox, command: [sleep, "1000"], ${keys}}\n`);
  const result = await sandbox.tryCompose(['up', '-d']);
  await sandbox.compose(['down', '-t', '0']);
  expect(result.status).toBe(1);
  return result.stderr;
}

test('a kernel parameter of the whole machine is refused, and stays as it is', async () => {
  const path = '/proc/sys/vm/overcommit_ratio';
  const before = readFileSync(path, 'utf8');
  expect(await refusal('sysctls: {vm.overcommit_ratio: 7}')).toContain('it would change the whole machine (compose.yaml:2:');
  const run = await sandbox.tryMydocker(['run', '--rm', '--network', 'none', '--sysctl', 'vm.overcommit_ratio=7', 'busybox', 'true']);
  expect([run.status, run.stderr]).toEqual([125, expect.stringContaining('would change the whole machine') as string]);
  expect(await refusal('network_mode: host, sysctls: {net.core.somaxconn: 64}')).toContain("the host's");
  expect(readFileSync(path, 'utf8')).toBe(before);
  expect(await inService('sysctls: {net.core.somaxconn: 64}', 'cat /proc/sys/net/core/somaxconn')).toBe('64');
});

test('a tmpfs has the mode of the folder it covers, and leaves the files of the network visible', async () => {
  const script = 'stat -c %a /etc /fresh /given; ls /etc; grep -c " /share tmpfs.*size=" /proc/mounts';
  expect(await inService('tmpfs: [/etc, /fresh, "/given:mode=0711", "/share:size=10%"]', script)).toBe(
    '755\n1777\n711\nhostname\nhosts\nresolv.conf\n1',
  );
  expect(await refusal('tmpfs: ["/a:colour=red"]')).toContain('invalid tmpfs option "colour=red"');
});

test('a read-only root takes the files of the network along', async () => {
  expect(await inService('read_only: true', 'for f in hosts hostname resolv.conf; do (echo >> /etc/$f) 2>/dev/null || echo no; done')).toBe(
    'no\nno\nno',
  );
});

test('a variable without a value takes that of the image away', async () => {
  sandbox.write('app/Dockerfile', 'FROM busybox\nENV KEPT=1 GONE=1\n');
  await sandbox.mydocker(['build', '-q', '-t', 'own:env', join(sandbox.directory, 'app')]);
  sandbox.write(
    'compose.yaml',
    'services:\n  web: {image: "own:env", command: \'sh -c "echo $$KEPT $${GONE-unset}"\', environment: [GONE]}\n',
  );
  expect(await sandbox.compose(['run', '--rm', '-T', 'web'])).toBe('1 unset');
  expect(await sandbox.mydocker(['run', '--rm', '--network', 'none', '-e', 'GONE', 'own:env', 'sh', '-c', 'echo ${GONE-unset}'])).toBe(
    'unset',
  );
  await sandbox.compose(['down']);
  await sandbox.mydocker(['rmi', 'own:env']);
});

test('all cgroups of the host can be mounted in place of the own ones', async () => {
  expect(await inService('volumes: ["/sys/fs/cgroup:/sys/fs/cgroup:ro"]', 'test -n "$(ls /sys/fs/cgroup)" && echo there')).toBe('there');
});

test('an image of another platform does not do', async () => {
  expect(await refusal('platform: linux/s390x, pull_policy: never')).toContain('for the platform linux/s390x');
  expect(await refusal('platform: nonsense')).toContain('unknown operating system or architecture (compose.yaml:2:');
});

test('what the host cannot give is refused before anything is made', async () => {
  expect(await refusal('cpus: 4096')).toContain('CPUs available');
  expect(await refusal('cpuset: "4000"')).toContain('requested CPUs are not available: requested 4000');
  expect(await refusal('cpuset: "zero"')).toContain('invalid list of CPUs "zero"');
  expect(await refusal('uts: host, hostname: other')).toContain('conflicting options: hostname and the UTS mode');
  expect(await refusal('runtime: runsc')).toContain('runtime is not supported');
  expect(await refusal('security_opt: ["no-new-privileges:maybe"]')).toContain('invalid security option');
});

test('a hook before the stop that fails keeps the container running', async () => {
  sandbox.write(
    'compose.yaml',
    'services:\n  web: {image: busybox, init: true, command: [sleep, "1000"], pre_stop: [{command: [sh, -c, "exit 3"]}]}\n',
  );
  await sandbox.compose(['up', '-d']);
  const stop = await sandbox.tryCompose(['stop', '-t', '0']);
  expect([stop.status, stop.stderr]).toEqual([1, expect.stringContaining('exited with status 3') as string]);
  expect(await sandbox.compose(['ps', '--format', '{{.State}}'])).toBe('running');
  await sandbox.compose(['kill']);
  await sandbox.compose(['down']);
});

test('the MAC address of a service is that of its first network alone', async () => {
  const write = (networks: string): void => {
    sandbox.write(
      'compose.yaml',
      `services:
  web: {image: busybox, init: true, command: [sleep, "1000"], mac_address: "02:42:ac:11:65:43", ${networks}}
networks: {one: , two: }
`,
    );
  };
  const addresses = async (): Promise<string> => {
    await sandbox.compose(['up', '-d']);
    const output = await sandbox.compose(['exec', '-T', 'web', 'sh', '-c', 'cat /sys/class/net/eth*/address | grep -c 02:42:ac:11:65:43']);
    await sandbox.compose(['down', '-t', '0']);
    return output;
  };
  write('networks: [one, two]');
  expect(await addresses()).toBe('1');
  write('network_mode: bridge');
  expect(await addresses()).toBe('1');
});

test('an owner for a file that is bound from the host is told to be ignored', async () => {
  sandbox.write('key', 'x');
  sandbox.write(
    'compose.yaml',
    `services:
  web: {image: busybox, init: true, command: [sleep, "1000"], secrets: [{source: key, uid: "5", mode: 0400}, other]}
secrets: {key: {file: ./key}, other: {file: ./key}}
`,
  );
  const { status, stderr } = await sandbox.tryCompose(['up', '-d']);
  expect(status).toBe(0);
  expect(stderr).toContain('services.web.secrets: uid, gid and mode of key are ignored');
  expect(stderr).not.toContain('of other are ignored');
  await sandbox.compose(['down', '-t', '0']);
});

test('a seccomp profile that is not JSON is refused before anything is made, and never keeps down from its work', async () => {
  sandbox.write('profile.json', '{');
  sandbox.write('compose.yaml', 'services:\n  web: {image: busybox, command: [sleep, "1000"], security_opt: ["seccomp:profile.json"]}\n');
  const { status, stderr } = await sandbox.tryCompose(['up', '-d']);
  expect([status, stderr]).toEqual([
    1,
    expect.stringContaining('services.web.security_opt: the seccomp profile profile.json is not JSON') as string,
  ]);
  expect(await sandbox.mydocker(['ps', '-aq'])).toBe('');
  sandbox.write('profile.json', '{"defaultAction": "SCMP_ACT_ALLOW"}');
  await sandbox.compose(['up', '-d']);
  sandbox.write('profile.json', '{');
  await sandbox.compose(['down', '-t', '0']);
  expect(await sandbox.mydocker(['ps', '-aq'])).toBe('');
});
