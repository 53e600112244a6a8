import { mkdirSync, readFileSync, renameSync, statSync, existsSync } from 'node:fs';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'bun:test';
import { executables, useSandbox } from '../helpers/sandbox.ts';

const sandbox = useSandbox();

const IDLE = `image: busybox, init: true, stop_grace_period: 1s, command: sleep 1d`;
const FILE = (name: string): string => `name: ${name}
services:
  db: {${IDLE}, volumes: ["data:/data", "/anonymous"], networks: {back: {aliases: [base]}}}
  web: {${IDLE}, depends_on: [db], networks: [back, default], scale: 2}
volumes: {data: , other: {name: own_name}}
networks: {back: }
`;
const volumeFile = (volume: string, file: string): string => join(sandbox.dataRoot, 'volumes', volume, '_data', file);
const names = async (kind: 'volume' | 'network'): Promise<readonly string[]> =>
  (await sandbox.mydocker([kind, 'ls', '--format', '{{.Name}}'])).split('\n').filter((name) => /^(?:old|new|own)_/.test(name));
const inDb = (project: string, script: string): Promise<string> => sandbox.compose(['-p', project, 'exec', '-T', 'db', 'sh', '-c', script]);

async function upOld(): Promise<{ readonly inode: number }> {
  sandbox.write('compose.yaml', FILE('old'));
  await sandbox.compose(['up', '-d']);
  await inDb('old', 'echo kept > /data/file; echo kept > /anonymous/file; echo kept > /written');
  return { inode: statSync(volumeFile('old_data', 'file')).ino };
}

/** Everything is there under the new name, the very same bytes, and nothing under the old one. */
async function expectCarriedOver(inode: number): Promise<void> {
  expect(statSync(volumeFile('new_data', 'file')).ino).toBe(inode);
  expect(readFileSync(volumeFile('new_data', 'file'), 'utf8')).toBe('kept\n');
  expect(existsSync(volumeFile('old_data', 'file'))).toBe(false);
  expect(await names('volume')).toEqual(['new_data']);
  expect(await names('network')).toEqual(['new_back', 'new_default']);
  expect((await sandbox.compose(['-p', 'new', 'ps', '-a', '--format', '{{.Name}} {{.State}}'])).split('\n').sort()).toEqual([
    'new-db-1 running',
    'new-web-1 running',
    'new-web-2 running',
  ]);
  expect(await sandbox.compose(['-p', 'old', 'ps', '-aq'])).toBe('');
  expect(await inDb('new', 'cat /data/file /anonymous/file /written')).toBe('kept\nkept\nkept');
  expect(await sandbox.compose(['-p', 'new', 'exec', '-T', 'web', 'ping', '-c', '1', '-W', '2', 'base'])).toContain('1 packets received');
}

test('another name in the file is told, with the command that carries the volumes over', async () => {
  const { inode } = await upOld();
  sandbox.write('compose.yaml', FILE('new'));
  const { stderr, stdout } = await sandbox.tryCompose(['plan']);
  expect(stderr + stdout).toContain(
    'this directory was applied as project "old" before, which has the volume old_data; "new" begins without',
  );
  expect(stderr + stdout).toContain('`mydocker-compose up --rename-from old`');
  const plan = await sandbox.compose(['plan', '--rename-from', 'old']);
  expect(plan.split('\n').filter((line) => line.startsWith('rename'))).toEqual([
    'rename volume old_data (-> new_data)',
    'rename network old_back (-> new_back)',
    'rename network old_default (-> new_default)',
    'rename container old-db-1 (-> new-db-1)',
    'rename container old-web-1 (-> new-web-1)',
    'rename container old-web-2 (-> new-web-2)',
  ]);
  expect(plan).not.toContain('create');
  expect((await sandbox.tryCompose(['up', '-d', '--rename-from', 'old', '--dry-run'])).status).toBe(0);
  expect(await names('volume')).toEqual(['old_data']);
  await sandbox.compose(['up', '-d', '--rename-from', 'old']);
  await expectCarriedOver(inode);
  await sandbox.compose(['down']);
  expect(await names('volume')).toEqual(['new_data']);
  await sandbox.compose(['down', '-v']);
});

test('rename by name alone, running or down, and back', async () => {
  const { inode } = await upOld();
  await sandbox.compose(['rename', 'old', 'new']);
  await expectCarriedOver(inode);
  sandbox.write('compose.yaml', FILE('new'));
  expect(await sandbox.compose(['plan'])).toBe('nothing to do');
  await sandbox.compose(['down']);
  await sandbox.compose(['rename', 'new', 'old']);
  expect(await names('volume')).toEqual(['old_data']);
  await sandbox.compose(['rename', 'old', 'new']);
  await sandbox.compose(['up', '-d']);
  expect(await inDb('new', 'cat /data/file')).toBe('kept');
  await sandbox.compose(['down', '-v']);
});

test('a name that is taken, a volume that others use: refused before anything is changed', async () => {
  const { inode } = await upOld();
  expect((await sandbox.tryCompose(['rename', 'nothing', 'new'])).stderr).toContain(
    'project "nothing" has no containers, volumes or networks',
  );
  expect((await sandbox.tryCompose(['rename', 'old', 'New!'])).status).toBe(1);
  await sandbox.mydocker(['volume', 'create', 'new_data']);
  const taken = await sandbox.tryCompose(['rename', 'old', 'new']);
  expect([taken.status, taken.stderr]).toEqual([1, expect.stringContaining('project "new" exists already: volume new_data')]);
  await sandbox.mydocker(['volume', 'rm', 'new_data']);
  await sandbox.mydocker(['create', '--name', 'stranger', '-v', 'old_data:/x', 'busybox']);
  const used = await sandbox.tryCompose(['rename', 'old', 'new']);
  expect([used.status, used.stderr]).toEqual([
    1,
    expect.stringContaining('container stranger, which is not of project "old", uses volume old_data'),
  ]);
  await sandbox.mydocker(['rm', 'stranger']);
  expect(await sandbox.compose(['-p', 'old', 'ps', '--format', '{{.State}}'])).toBe('running\nrunning\nrunning');
  await sandbox.compose(['rename', 'old', 'new']);
  await expectCarriedOver(inode);
  await sandbox.compose(['-p', 'new', 'down', '-v']);
});

test('killed at any moment, a rename is finished by the next one and nothing is lost', async () => {
  const { inode } = await upOld();
  const command = executables.compose;
  for (let round = 0; round < 12; round++) {
    const child = spawn(command, ['rename', 'old', 'new'], { env: { ...process.env, ...sandbox.env }, stdio: 'ignore' });
    const ended = new Promise((resolve) => child.once('exit', resolve));
    const timer = setTimeout(() => child.kill('SIGKILL'), 30 + round * 35);
    await ended;
    clearTimeout(timer);
    if (existsSync(join(sandbox.dataRoot, 'projects', 'old'))) {
      const other = await sandbox.tryCompose(['-p', 'old', 'stop']);
      if (other.status !== 0) expect(other.stderr).toContain('finish it with `mydocker-compose rename old new`');
      const finished = await sandbox.tryCompose(['rename', 'old', 'new']);
      expect(finished.stderr).not.toContain('error');
    }
    sandbox.write('compose.yaml', FILE('new'));
    await sandbox.compose(['up', '-d']);
    await expectCarriedOver(inode);
    await sandbox.compose(['rename', 'new', 'old']);
  }
  await sandbox.compose(['-p', 'old', 'down', '-v']);
}, 240_000);

test('a directory that was moved is known again: under its own name and under another', async () => {
  const file = `services:\n  a: {${IDLE}, volumes: ["./files:/files", "data:/data"]}\nvolumes: {data: }\n`;
  sandbox.write('shop/compose.yaml', file);
  sandbox.write('shop/files/x', 'one');
  const at = (directory: string) => ({ cwd: join(sandbox.directory, directory) });
  await sandbox.compose(['up', '-d'], at('shop'));
  await sandbox.compose(['exec', '-T', 'a', 'sh', '-c', 'echo kept > /data/file'], at('shop'));
  mkdirSync(join(sandbox.directory, 'sub'));
  renameSync(join(sandbox.directory, 'shop'), join(sandbox.directory, 'sub/shop'));
  const moved = await sandbox.compose(['plan'], at('sub/shop'));
  expect(moved).toStartWith(
    `recreate container shop-a-1 (project directory changed: ${sandbox.directory}/shop -> ${sandbox.directory}/sub/shop; services.a.volumes[/files].source changed: `,
  );
  await sandbox.compose(['up', '-d'], at('sub/shop'));
  expect(await sandbox.compose(['exec', '-T', 'a', 'cat', '/files/x', '/data/file'], at('sub/shop'))).toBe('onekept');

  renameSync(join(sandbox.directory, 'sub/shop'), join(sandbox.directory, 'sub/store'));
  const renamed = await sandbox.tryCompose(['plan'], at('sub/store'));
  expect(renamed.stderr + renamed.stdout).toContain(
    'applied as project "shop" before, which has the volume shop_data; "store" begins without',
  );
  await sandbox.compose(['up', '-d', '--rename-from', 'shop'], at('sub/store'));
  expect(await sandbox.compose(['exec', '-T', 'a', 'cat', '/files/x', '/data/file'], at('sub/store'))).toBe('onekept');
  await sandbox.compose(['down', '-v'], at('sub/store'));
});
