import { expect, test } from 'bun:test';
import { chmodSync, chownSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { useSandbox } from '../helpers/sandbox.ts';

const sandbox = useSandbox();

async function running(...options: readonly string[]): Promise<void> {
  await sandbox.mydocker(['run', '-d', '--network', 'none', '--init', '--name', 'box', ...options, 'busybox', 'sleep', '1000']);
}
const inside = (script: string): Promise<string> => sandbox.mydocker(['exec', 'box', 'sh', '-c', script]);

test('no working directory leads out of the container: not through descriptors of the runtime, not through a link to them', async () => {
  await running();
  await inside('mkdir /confined; for fd in $(seq 0 30); do ln -s /proc/self/fd/$fd /$fd; done');
  await sandbox.mydocker(['commit', 'box', 'linked']);
  // Going up as far as it goes ends in the root of the container, which has this folder, or nowhere.
  const up = ['sh', '-c', 'cd ../../../../../../../.. && ls -d confined'];
  for (let fd = 0; fd <= 30; fd++) {
    for (const way of [
      ['run', '--rm', '--network', 'none', '-w', `/${String(fd)}`, 'linked', ...up],
      ['exec', '-w', `/proc/self/fd/${String(fd)}`, 'box', ...up],
    ]) {
      const { status, stdout, stderr } = await sandbox.tryMydocker(way);
      const confined = status === 0 ? stdout === 'confined\n' : stdout === '' && stderr.includes('working directory');
      expect([way.join(' '), stdout, stderr, confined]).toEqual([way.join(' '), stdout, stderr, true]);
    }
  }
  await sandbox.mydocker(['rmi', '-f', 'linked']);
}, 60_000);

test('a process has its three streams and no other descriptor, however it was started', async () => {
  await running();
  const list =
    'for fd in /proc/self/fd/*; do [ -e $fd ] && echo ${fd##*/}; done; for fd in /proc/1/fd/*; do [ -e $fd ] && echo ${fd##*/}; done; true';
  for (const init of [[], ['--init']]) {
    const fds = await sandbox.mydocker(['run', '--rm', '--network', 'none', ...init, 'busybox', 'sh', '-c', list]);
    expect(fds.split('\n').filter((fd) => Number(fd) > 2 && fd !== '10')).toEqual([]);
  }
  expect((await inside(list)).split('\n').filter((fd) => Number(fd) > 2 && fd !== '10')).toEqual([]);
});

test('a kernel parameter of the machine stays as it is, by whatever name', async () => {
  const before = readFileSync('/proc/sys/kernel/panic_on_oops', 'utf8').trim();
  for (const name of ['kernel.panic_on_oops', 'kernel/panic_on_oops', 'net/../kernel/panic_on_oops', 'net.//.kernel.panic_on_oops']) {
    const result = await sandbox.tryMydocker(['run', '--rm', '--network', 'none', '--sysctl', `${name}=${before}`, 'busybox', 'true']);
    expect([name, result.status]).toEqual([name, 125]);
    expect(result.stderr).toContain(name);
  }
});

test('nothing is mounted inside /proc, by its name or through a link of the image; what tells of the machine may be covered', async () => {
  await running();
  await inside('ln -s /proc /link; ln -s /proc/self/attr /attr; ln -s ../../proc/1 /one');
  await sandbox.mydocker(['commit', 'box', 'linked']);
  const attempt = (target: string, source = 'kept'): ReturnType<typeof sandbox.tryMydocker> =>
    sandbox.tryMydocker(['run', '--rm', '--network', 'none', '-v', `${source}:${target}`, 'linked', 'cat', '/proc/uptime']);
  for (const target of ['/proc/1', '/proc/self', '/proc/self/attr', '/proc/sys', '/proc/self/fd', '/link', '/attr', '/one']) {
    const { status, stderr } = await attempt(target);
    expect([target, status, stderr]).toEqual([target, 125, expect.stringContaining('it is inside /proc') as string]);
  }
  expect((await attempt('/proc')).status).toBe(125);
  expect((await attempt('/proc/uptime', sandbox.write('uptime', '1 2\n'))).stdout).toBe('1 2\n');
  await sandbox.mydocker(['rm', '-f', 'box']);
  await sandbox.mydocker(['rmi', '-f', 'linked']);
  await sandbox.mydocker(['volume', 'rm', 'kept']);
});

test('a device takes the place of no file of a volume', async () => {
  await sandbox.mydocker(['run', '--rm', '--network', 'none', '-v', 'kept:/data', 'busybox', 'sh', '-c', 'echo mine > /data/null']);
  const device = ['--device', '/dev/null:/data/null'];
  const { status, stderr } = await sandbox.tryMydocker([
    'run',
    '--rm',
    '--network',
    'none',
    '-v',
    'kept:/data',
    ...device,
    'busybox',
    'true',
  ]);
  expect([status, stderr]).toEqual([125, expect.stringContaining('cannot make device /data/null') as string]);
  expect(await sandbox.mydocker(['run', '--rm', '--network', 'none', '-v', 'kept:/data', 'busybox', 'cat', '/data/null'])).toBe('mine');
  await sandbox.mydocker(['volume', 'rm', 'kept']);
});

test('the program of the runtime cannot be written through a process that runs it', async () => {
  await running();
  await inside('ln -s /proc/self/exe /itself');
  await sandbox.mydocker(['commit', 'box', 'linked']);
  expect((await sandbox.tryMydocker(['exec', 'box', 'sh', '-c', 'echo x > /proc/1/exe'])).stderr).toContain('Read-only file system');
  for (const options of [[], ['--init']]) {
    const { status } = await sandbox.tryMydocker(['run', '--rm', '--network', 'none', ...options, 'linked', '/itself']);
    expect(status).not.toBe(0);
  }
  await sandbox.mydocker(['rm', '-f', 'box']);
  await sandbox.mydocker(['rmi', '-f', 'linked']);
});

test('a part of a volume that has become a link leads out of it neither at a start nor in a copy', async () => {
  const volume = (script: string): Promise<string> =>
    sandbox.mydocker(['run', '--rm', '--network', 'none', '-v', 'kept:/data', 'busybox', 'sh', '-c', script]);
  await volume('mkdir /data/part');
  const part = ['--mount', 'type=volume,src=kept,dst=/part,volume-subpath=part'];
  await sandbox.mydocker(['create', '--network', 'none', '--name', 'box', ...part, 'busybox', 'ls', '/part']);
  const outside = join(sandbox.directory, 'outside');
  mkdirSync(outside);
  await volume(`rmdir /data/part; ln -s ${outside} /data/part`);
  sandbox.write('file', 'x');
  const copied = await sandbox.tryMydocker(['cp', 'file', 'box:/part/file']);
  expect([copied.status, existsSync(join(outside, 'file'))]).toEqual([1, false]);
  const started = await sandbox.tryMydocker(['start', '-a', 'box']);
  expect([started.status === 0, started.stderr]).toEqual([false, expect.stringContaining('outside the volume') as string]);
  await sandbox.mydocker(['rm', 'box']);
  await sandbox.mydocker(['volume', 'rm', 'kept']);
});

test('a root that others may write to is refused before anything is put in it', async () => {
  const root = join(sandbox.root, 'shared');
  mkdirSync(root);
  for (const variable of ['MYDOCKER_DATA_ROOT', 'MYDOCKER_RUN_ROOT']) {
    for (const [mode, owner, words] of [
      [0o777, 0, 'others may write'],
      [0o755, 65534, 'belongs to user 65534'],
    ] as const) {
      chmodSync(root, mode);
      chownSync(root, owner, 0);
      const { status, stderr } = await sandbox.tryMydocker(['volume', 'create', 'made'], { env: { [variable]: root } });
      expect([status, stderr]).toEqual([1, expect.stringContaining(words) as string]);
    }
  }
});
