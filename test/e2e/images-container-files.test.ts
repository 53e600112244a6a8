import { expect, test } from 'bun:test';
import { existsSync, lstatSync, readFileSync, readdirSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expectSuccess, run } from '../helpers/run.ts';
import { useSandbox } from '../helpers/sandbox.ts';

const sandbox = useSandbox();

async function running(...options: readonly string[]): Promise<void> {
  await sandbox.mydocker(['run', '-d', '--network', 'none', '--init', '--name', 'box', ...options, 'busybox', 'sleep', '1000']);
}
const inside = (script: string): Promise<string> => sandbox.mydocker(['exec', 'box', 'sh', '-c', script]);
const host = (name: string): string => join(sandbox.directory, name);

test('diff lists what the container changed and nothing that the runtime made', async () => {
  await running('-v', '/volume');
  await inside('echo x > /new; rm /bin/vi; chmod 700 /root; mkdir -p /d/e; echo in > /volume/in');
  expect((await sandbox.mydocker(['diff', 'box'])).split('\n')).toEqual([
    'C /bin',
    'D /bin/vi',
    'A /d',
    'A /d/e',
    'A /new',
    'C /root',
    'A /volume',
  ]);
});

test('diff tells what was in a folder that was removed and made again', async () => {
  await running();
  await inside('mkdir -p /d/sub/deep; touch /d/x /d/sub/y /d/sub/z /d/same');
  await sandbox.mydocker(['commit', 'box', 'made:1']);
  await sandbox.mydocker(['rm', '-f', 'box']);
  await sandbox.mydocker(['run', '-d', '--network', 'none', '--init', '--name', 'box', 'made:1', 'sleep', '1000']);
  await inside('rm -r /d; mkdir -p /d/sub; echo own > /d/sub/z; echo own > /d/new; touch /d/same');
  expect((await sandbox.mydocker(['diff', 'box'])).split('\n')).toEqual([
    'C /d',
    'A /d/new',
    'C /d/same',
    'C /d/sub',
    'D /d/sub/deep',
    'D /d/sub/y',
    'C /d/sub/z',
    'D /d/x',
  ]);
  await sandbox.mydocker(['rm', '-f', 'box']);
  await sandbox.mydocker(['rmi', 'made:1']);
});

test('owner, mode and attributes of a folder that holds mount points of the runtime are changes like any other', async () => {
  await running();
  await sandbox.mydocker(['commit', 'box', 'made:0']);
  expect(await sandbox.mydocker(['diff', 'box'])).toBe('');
  await inside('chmod 711 /etc; chown 5:6 /etc');
  expect(await sandbox.mydocker(['diff', 'box'])).toBe('C /etc');
  await sandbox.mydocker(['commit', 'box', 'made:1']);
  expect(await sandbox.mydocker(['run', '--rm', '--network', 'none', 'made:1', 'stat', '-c', '%a %u:%g', '/etc'])).toBe('711 5:6');
  await sandbox.mydocker(['rmi', 'made:0', 'made:1']);
});

test('commit refuses a name that means a deletion in a layer, and makes no image', async () => {
  await running();
  await inside('echo x > /a; echo y > /.wh.a');
  const refused = await sandbox.tryMydocker(['commit', 'box', 'made:1']);
  expect([refused.status, refused.stderr]).toEqual([1, expect.stringContaining('.wh.a: in the layer of an image') as string]);
  expect(await sandbox.mydocker(['images', '-q', 'made'])).toBe('');
  expect(await sandbox.mydocker(['cp', 'box:/.wh.a', '-'])).toContain('y\n');
});

test('export of a container that makes and removes files meanwhile is whole', async () => {
  await running();
  await inside(
    'while :; do for i in 1 2 3 4 5 6 7 8 9; do mkdir -p /z/$i; echo x > /z/$i/f; ln -s f /z/$i/l; done; rm -rf /z; done > /dev/null 2>&1 &',
  );
  for (let i = 0; i < 20; i++) {
    await sandbox.mydocker(['export', '-o', 'out.tar', 'box']);
    expect(expectSuccess(await run('tar', ['tf', host('out.tar')])).stdout).toContain('etc/passwd');
  }
});

test('cp out of a container: a file, a folder, its content, a followed link, owners on request', async () => {
  await running();
  await inside('mkdir -p /d/e; echo f > /d/e/f; chown 12:34 /d/e/f; ln -s d/e/f /link; ln -s /etc/passwd /d/passwd');
  await sandbox.mydocker(['cp', 'box:/d', '.']);
  expect(readFileSync(host('d/e/f'), 'utf8')).toBe('f\n');
  expect(lstatSync(host('d/e/f')).uid).toBe(0);
  expect(readlinkSync(host('d/passwd'))).toBe('/etc/passwd');
  await sandbox.mydocker(['cp', 'box:/d/.', 'content']);
  expect(readdirSync(host('content')).sort()).toEqual(['e', 'passwd']);
  await sandbox.mydocker(['cp', 'box:/link', 'link']);
  expect(readlinkSync(host('link'))).toBe('d/e/f');
  await sandbox.mydocker(['cp', '-L', 'box:/link', 'followed']);
  expect(readFileSync(host('followed'), 'utf8')).toBe('f\n');
  await sandbox.mydocker(['cp', '-a', 'box:/d/e/f', 'owned']);
  expect([lstatSync(host('owned')).uid, lstatSync(host('owned')).gid]).toEqual([12, 34]);
});

test('cp into a container, running and stopped, into its volumes too; links there never lead to the host', async () => {
  await running('-v', 'kept:/data');
  sandbox.write('tree/a/b', 'b\n');
  await inside(`mkdir /existing; ln -s ${sandbox.directory} /out; ln -s /existing /inner`);
  await sandbox.mydocker(['cp', 'tree', 'box:/fresh']);
  await sandbox.mydocker(['cp', 'tree', 'box:/existing']);
  await sandbox.mydocker(['cp', 'tree/.', 'box:/inner']);
  await sandbox.mydocker(['cp', 'tree/a/b', 'box:/data/while-running']);
  expect(await inside('find /fresh /existing -type f | sort')).toBe('/existing/a/b\n/existing/tree/a/b\n/fresh/a/b');
  // The link's target is a host path that the container does not have.
  expect((await sandbox.tryMydocker(['cp', 'tree/a/b', 'box:/out/escaped'])).status).toBe(1);
  expect(existsSync(host('escaped'))).toBe(false);
  await sandbox.mydocker(['stop', '-t', '0', 'box']);
  await sandbox.mydocker(['cp', 'tree/a/b', 'box:/data/while-stopped']);
  await sandbox.mydocker(['cp', 'box:/data', 'data']);
  expect(readdirSync(host('data')).sort()).toEqual(['while-running', 'while-stopped']);
  await sandbox.mydocker(['start', 'box']);
  expect(await inside('ls /data')).toBe('while-running\nwhile-stopped');
  await sandbox.mydocker(['rm', '-f', 'box']);
  await sandbox.mydocker(['volume', 'rm', 'kept']);
});

test('cp says what is wrong: no source, no target folder, a folder over a file, no such container', async () => {
  await running();
  sandbox.write('file', 'x');
  sandbox.write('folder/x', 'x');
  for (const [args, words] of [
    [['box:/nothing', '.'], 'could not find the file /nothing'],
    [['file', 'box:/none/x'], 'could not find the file /none'],
    [['folder', 'box:/etc/group'], 'cannot copy a directory over a file'],
    [['nothing', 'box:/'], 'no such file or directory'],
    [['file', 'nobody:/'], 'nobody'],
    [['file', 'other'], 'CONTAINER:PATH'],
    [['box:/etc', 'box:/tmp'], 'between containers'],
  ] as const) {
    const result = await sandbox.tryMydocker(['cp', ...args]);
    expect([args, result.status === 0]).toEqual([args, false]);
    expect(result.stderr).toContain(words);
  }
});

test('export is the tree without what is in volumes, running or not', async () => {
  await running('-v', '/volume');
  await inside('echo secret > /volume/secret; echo own > /own');
  const names = async (): Promise<string> => {
    await sandbox.mydocker(['export', '-o', 'out.tar', 'box']);
    return readFileSync(host('out.tar')).toString('latin1');
  };
  for (const stop of [false, true]) {
    if (stop) await sandbox.mydocker(['stop', '-t', '0', 'box']);
    const tar = await names();
    expect([tar.includes('own\0'), tar.includes('volume/\0'), tar.includes('volume/secret')]).toEqual([true, true, false]);
  }
});

test('commit makes an image that runs as the container did, with the changes asked for', async () => {
  await running('-e', 'KEPT=1', '-w', '/work', '--label', 'own=label');
  await inside('echo x > /x; rm /bin/vi');
  await sandbox.mydocker([
    'commit',
    '-a',
    'somebody',
    '-m',
    'why',
    '-c',
    'ENV ADDED=2',
    '-c',
    'CMD ["sh", "-c", "echo $KEPT $ADDED; pwd; ls /x /bin/vi"]',
    'box',
    'made:1',
  ]);
  const result = await sandbox.tryMydocker(['run', '--rm', '--network', 'none', 'made:1']);
  expect(result.stdout).toBe('1 2\n/work\n/x\n');
  expect(await sandbox.mydocker(['history', '--format', '{{.CreatedBy}}|{{.Comment}}', 'made:1'])).toStartWith('sleep 1000|why\n');
  expect(await sandbox.mydocker(['image', 'inspect', '--format', '{{.Author}} {{json .Config.Labels}}', 'made:1'])).toBe(
    'somebody {"own":"label"}',
  );
  expect(await inside('echo still running')).toBe('still running');
  await sandbox.mydocker(['rmi', 'made:1']);
});

test('an image that a container uses is not removed; by force it loses its name, and the container still runs and can be committed', async () => {
  await sandbox.mydocker(['tag', 'busybox', 'spare:1']);
  await sandbox.mydocker(['save', '-o', 'busybox.tar', 'busybox']);
  await running();
  await sandbox.mydocker(['stop', '-t', '0', 'box']);
  await sandbox.mydocker(['rmi', 'spare:1']);
  const refused = await sandbox.tryMydocker(['rmi', 'busybox']);
  expect([refused.status, refused.stderr]).toEqual([1, expect.stringContaining('a container uses it: box') as string]);
  await sandbox.mydocker(['rmi', '-f', 'busybox']);
  await sandbox.mydocker(['image', 'prune', '-a', '-f']);
  await sandbox.mydocker(['start', 'box']);
  await inside('echo x > /x');
  await sandbox.mydocker(['commit', 'box', 'made:1']);
  await sandbox.mydocker(['rm', '-f', 'box']);
  expect(await sandbox.mydocker(['run', '--rm', '--network', 'none', 'made:1', 'cat', '/x'])).toBe('x');
  await sandbox.mydocker(['rmi', 'made:1']);
  await sandbox.mydocker(['load', '-i', 'busybox.tar']);
});

test('many imports of the same archive at once are one layer', async () => {
  await sandbox.mydocker(['save', '-o', 'busybox.tar', 'busybox']);
  await sandbox.mydocker(['rmi', 'busybox']);
  await Promise.all(Array.from({ length: 4 }, () => sandbox.mydocker(['load', '-i', 'busybox.tar'])));
  expect(readdirSync(join(sandbox.dataRoot, 'layers')).filter((name) => !name.endsWith('.json'))).toHaveLength(1);
  expect(readdirSync(join(sandbox.dataRoot, 'tmp'))).toEqual([]);
  expect(await sandbox.mydocker(['run', '--rm', '--network', 'none', 'busybox', 'echo', 'whole'])).toBe('whole');
});
