import { expect, test } from 'bun:test';
import { readFileSync } from 'node:fs';
import { useSandbox } from '../helpers/sandbox.ts';

const sandbox = useSandbox();
const none = ['--network', 'none'];

test('two containers of one image do not see what the other one writes', async () => {
  await sandbox.mydocker(['run', '-d', ...none, '--init', '--name', 'first', 'busybox', 'sleep', '1000']);
  await sandbox.mydocker(['run', '-d', ...none, '--init', '--name', 'second', 'busybox', 'sleep', '1000']);
  await sandbox.mydocker(['exec', 'first', 'sh', '-c', 'echo a > /own; rm /bin/vi; echo changed > /etc/group']);
  expect(await sandbox.mydocker(['exec', 'first', 'cat', '/own'])).toBe('a');
  expect((await sandbox.tryMydocker(['exec', 'second', 'cat', '/own'])).status).toBe(1);
  expect(await sandbox.mydocker(['exec', 'second', 'ls', '/bin/vi'])).toBe('/bin/vi');
  expect(await sandbox.mydocker(['exec', 'second', 'head', '-1', '/etc/group'])).toBe('root:x:0:');
});

test('a write layer survives stop and start, and goes with the container', async () => {
  await sandbox.mydocker(['run', '-d', ...none, '--init', '--name', 'first', 'busybox', 'sleep', '1000']);
  await sandbox.mydocker(['exec', 'first', 'sh', '-c', 'echo kept > /own']);
  await sandbox.mydocker(['stop', 'first']);
  await sandbox.mydocker(['start', 'first']);
  expect(await sandbox.mydocker(['exec', 'first', 'cat', '/own'])).toBe('kept');
  await sandbox.mydocker(['rm', '-f', 'first']);
  expect((await sandbox.tryMydocker(['run', '--rm', ...none, 'busybox', 'cat', '/own'])).status).toBe(1);
});

test('a bind-mounted file survives stop and rm of a detached container', async () => {
  const file = sandbox.write('shared/file', 'from the host\n');
  await sandbox.mydocker([
    'run',
    '-d',
    ...none,
    '--name',
    'first',
    '-v',
    `${file}:/file`,
    'busybox',
    'sh',
    '-c',
    'echo from inside >> /file; exec sleep 1000',
  ]);
  await sandbox.mydocker(['exec', 'first', 'sh', '-c', 'until grep -q inside /file; do :; done']);
  await sandbox.mydocker(['stop', '-t', '0', 'first']);
  await sandbox.mydocker(['rm', 'first']);
  expect(readFileSync(file, 'utf8')).toBe('from the host\nfrom inside\n');
});

test('commit takes the container’s own files and leaves the content of mounts behind', async () => {
  sandbox.write('mounted/from-host', 'host\n');
  const mount = `${sandbox.directory}/mounted:/mounted`;
  await sandbox.mydocker([
    'run',
    ...none,
    '--name',
    'first',
    '-v',
    mount,
    '-v',
    'data:/data',
    'busybox',
    'sh',
    '-c',
    'echo own > /own; echo secret > /data/secret; echo more > /mounted/more',
  ]);
  await sandbox.mydocker(['commit', 'first', 'committed:1']);
  await sandbox.mydocker(['rm', 'first']);
  const look = 'cat /own; ls -d /mounted /data; ls /mounted /data';
  expect(await sandbox.mydocker(['run', '--rm', ...none, 'committed:1', 'sh', '-c', look])).toBe(
    'own\n/data\n/mounted\n/data:\n\n/mounted:',
  );
  expect(await sandbox.mydocker(['run', '--rm', ...none, '-v', mount, 'committed:1', 'cat', '/mounted/from-host', '/mounted/more'])).toBe(
    'host\nmore',
  );
  expect(await sandbox.mydocker(['run', '--rm', ...none, '-v', 'data:/data', 'committed:1', 'cat', '/data/secret'])).toBe('secret');
  await sandbox.mydocker(['rmi', 'committed:1']);
  await sandbox.mydocker(['volume', 'rm', 'data']);
});

test('a container has the file by which programs know that they are in one; neither diff nor commit shows it', async () => {
  await sandbox.mydocker(['run', '--name', 'marked', '--network', 'none', 'busybox', 'stat', '-c', '%A %s', '/.dockerenv']);
  expect(await sandbox.mydocker(['logs', 'marked'])).toBe('-rwxr-xr-x 0');
  expect(await sandbox.mydocker(['diff', 'marked'])).toBe('');
  await sandbox.mydocker(['commit', 'marked', 'marked-image']);
  const layers = async (image: string): Promise<string> => sandbox.mydocker(['image', 'inspect', '-f', '{{len .RootFS.Layers}}', image]);
  expect(await layers('marked-image')).toBe(await layers('busybox'));
});
