import { expect, test } from 'bun:test';
import { existsSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { useSandbox } from '../helpers/sandbox.ts';

const sandbox = useSandbox();
const sh = (script: string, ...flags: string[]): Promise<string> =>
  sandbox.mydocker(['run', '--rm', '--network', 'none', ...flags, 'busybox', 'sh', '-c', script]);

test('an empty named volume gets what the image has there, with owners, modes and links, once', async () => {
  await sandbox.mydocker([
    'run',
    '--name',
    'maker',
    '--network',
    'none',
    'busybox',
    'sh',
    '-c',
    'mkdir -m 750 /seed && chown 5:6 /seed && echo a > /seed/f && chmod 600 /seed/f && ln -s f /seed/l',
  ]);
  await sandbox.mydocker(['commit', 'maker', 'seeded']);
  const look = 'stat -c "%a %u:%g" /seed /seed/f; readlink /seed/l; cat /seed/f';
  const run = (...flags: string[]): Promise<string> =>
    sandbox.mydocker(['run', '--rm', '--network', 'none', ...flags, 'seeded', 'sh', '-c', look]);
  expect(await run('-v', 'filled:/seed')).toBe('750 5:6\n600 0:0\nf\na');
  await sh('echo changed > /v/f', '-v', 'filled:/v');
  expect(await run('-v', 'filled:/seed')).toEndWith('changed');
  expect(await sandbox.mydocker(['run', '--rm', '--network', 'none', '-v', 'bare:/seed:nocopy', 'seeded', 'ls', '/seed'])).toBe('');
  await sandbox.mydocker(['rmi', '-f', 'seeded']);
});

test('one volume in several containers at once, read-only in one', async () => {
  await sandbox.mydocker([
    'run',
    '-d',
    '--name',
    'writer',
    '--network',
    'none',
    '--init',
    '-v',
    'both:/w',
    'busybox',
    'sh',
    '-c',
    'echo one > /w/f; sleep 1000',
  ]);
  await sandbox.mydocker(['run', '-d', '--name', 'reader', '--network', 'none', '--init', '-v', 'both:/r:ro', 'busybox', 'sleep', '1000']);
  await sandbox.mydocker(['exec', 'writer', 'sh', '-c', 'echo two > /w/f']);
  expect(await sandbox.mydocker(['exec', 'reader', 'cat', '/r/f'])).toBe('two');
  expect((await sandbox.tryMydocker(['exec', 'reader', 'touch', '/r/x'])).stderr).toContain('Read-only');
});

test('a volume in use is not removed, by a stopped container’s use either', async () => {
  await sandbox.mydocker(['create', '--name', 'user', '-v', 'used:/v', 'busybox']);
  expect((await sandbox.tryMydocker(['volume', 'rm', 'used'])).stderr).toContain('in use by user');
  await sandbox.mydocker(['rm', 'user']);
  await sandbox.mydocker(['volume', 'rm', 'used']);
});

test('anonymous volumes go with --rm and rm -v, named ones never', async () => {
  await sh('touch /anon/x /named/x', '-v', '/anon', '-v', 'named:/named');
  await sandbox.mydocker(['create', '--name', 'c1', '-v', '/anon', 'busybox']);
  await sandbox.mydocker(['rm', '-v', 'c1']);
  expect(await sandbox.mydocker(['volume', 'ls', '-q', '--filter', 'name=named'])).toBe('named');
  expect(await sandbox.mydocker(['volume', 'ls', '-q', '--filter', 'dangling=true'])).not.toMatch(/^[0-9a-f]{64}$/m);
});

test('a subpath stays inside its volume', async () => {
  await sh('mkdir /v/sub && echo in > /v/sub/f && ln -s /etc /v/out', '-v', 'tree:/v');
  const mount = (subpath: string): string[] => ['--mount', `type=volume,source=tree,target=/m,volume-subpath=${subpath}`];
  expect(await sh('cat /m/f', ...mount('sub'))).toBe('in');
  for (const subpath of ['out', '../x', '/etc', 'missing']) {
    expect((await sandbox.tryMydocker(['run', '--rm', '--network', 'none', ...mount(subpath), 'busybox', 'true'])).status).toBe(125);
  }
});

test('driver options: a folder of the host, a tmpfs of the container’s own', async () => {
  const file = sandbox.write('bound/f', 'from the host\n');
  await sandbox.mydocker(['volume', 'create', '-o', 'type=none', '-o', 'o=bind', '-o', `device=${join(file, '..')}`, 'bound']);
  await sandbox.mydocker(['volume', 'create', '-o', 'type=tmpfs', '-o', 'device=tmpfs', '-o', 'o=size=100k', 'memory']);
  expect(await sh('cat /b/f; grep " /m " /proc/mounts', '-v', 'bound:/b', '-v', 'memory:/m')).toMatch(
    /^from the host\ntmpfs \/m tmpfs rw,.*size=100k/,
  );
  await sandbox.mydocker(['volume', 'rm', 'bound', 'memory']);
  expect(readFileSync(file, 'utf8')).toBe('from the host\n');
});

test('driver options: a file system that cannot be mounted is told with the volume, and nothing is left of the start', async () => {
  await sandbox.mydocker(['volume', 'create', '-o', 'type=nosuchfs', '-o', 'device=server:/export', 'data']);
  const unknown = await sandbox.tryMydocker(['run', '--rm', '-v', 'data:/data', 'busybox', 'true']);
  expect(unknown.stderr).toContain('volume data: cannot mount nosuchfs server:/export: the kernel does not know it');
  expect(unknown.stderr).toContain('modprobe nosuchfs');
  expect(unknown.status).toBe(125);
  await sandbox.mydocker(['volume', 'create', '-o', 'type=nfs', '-o', 'o=addr=nas.invalid,nolock', '-o', 'device=:/export', 'nas']);
  const nowhere = await sandbox.tryMydocker(['run', '--rm', '-v', 'nas:/data', 'busybox', 'true']);
  expect(nowhere.stderr).toContain('volume nas: the server nas.invalid has no address');
  await sandbox.mydocker(['volume', 'rm', 'data', 'nas']);
});

test('a volume folder that is a link to elsewhere is not removed', async () => {
  const target = sandbox.write('precious/file', 'keep');
  await sandbox.mydocker(['volume', 'create', 'linked']);
  const folder = join(sandbox.dataRoot, 'volumes', 'linked');
  await sandbox.mydocker(['volume', 'rm', 'linked']);
  writeFileSync(
    join(target, '../meta.json'),
    JSON.stringify({ version: 1, name: 'linked', driver: 'local', driverOpts: {}, labels: {}, created: '', anonymous: false }),
  );
  symlinkSync(join(target, '..'), folder);
  expect((await sandbox.tryMydocker(['volume', 'rm', 'linked'])).stderr).toContain('outside');
  expect(existsSync(target)).toBe(true);
});
