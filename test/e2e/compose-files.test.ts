import { expect, test } from 'bun:test';
import { mkdirSync, readFileSync, readdirSync, readlinkSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { executables, useSandbox } from '../helpers/sandbox.ts';
import { expectSuccess, run } from '../helpers/run.ts';
import { Terminal } from '../helpers/terminal.ts';
import { until } from '../helpers/until.ts';

const sandbox = useSandbox();

const FILE = `name: demo
services:
  web: {image: busybox, init: true, command: sleep 1d, volumes: ["data:/data"]}
  talk: {image: busybox, stdin_open: true, command: sh -c 'while read -r line; do echo heard \\$\\$line; test \\$\\$line != bye || exit 6; done'}
volumes: {data: }
`;

const here = (name: string): string => join(sandbox.directory, name);
const inside = (...command: string[]): Promise<string> => sandbox.compose(['exec', '-T', 'web', ...command]);
const end = (): Promise<string> => sandbox.compose(['down', '-v', '-t', '0']);

async function up(...args: string[]): Promise<void> {
  sandbox.write('compose.yaml', FILE.replaceAll('\\$', '$'));
  await sandbox.compose(['up', '-d', ...args]);
}

test('cp takes files, folders and archives into a container and out of it', async () => {
  await up('web');
  writeFileSync(here('file'), 'from here', { mode: 0o640 });
  mkdirSync(here('folder/below'), { recursive: true });
  writeFileSync(here('folder/below/file'), 'deep');
  symlinkSync('below/file', here('folder/link'));
  await sandbox.compose(['cp', 'file', 'web:/tmp/']);
  await sandbox.compose(['cp', 'folder', 'web:/data/']);
  expect(await inside('sh', '-c', 'cat /tmp/file; stat -c %a /tmp/file; readlink /data/folder/link')).toBe('from here640\nbelow/file');
  await sandbox.compose(['cp', 'web:/data/folder', 'back']);
  expect([readFileSync(here('back/below/file'), 'utf8'), readlinkSync(here('back/link'))]).toEqual(['deep', 'below/file']);
  await sandbox.compose(['cp', '-L', 'web:/data/folder/link', 'followed']);
  expect(readFileSync(here('followed'), 'utf8')).toBe('deep');
  const archive = expectSuccess(
    await run(executables.compose, ['cp', 'web:/data/folder', '-'], { cwd: sandbox.directory, env: sandbox.env }),
  );
  expect(expectSuccess(await run('tar', ['-t'], { input: archive.stdout })).stdout.split('\n')).toContain('folder/below/file');
  expect((await sandbox.tryCompose(['cp', 'file', 'web:'])).stderr).toContain('web:: no path in the container');
  await end();
});

test('cp reaches every replica, or the one of --index', async () => {
  await up('--scale', 'web=2', 'web');
  sandbox.write('file', 'all');
  await sandbox.compose(['cp', 'file', 'web:/tmp/file']);
  sandbox.write('file', 'second');
  await sandbox.compose(['cp', '--index', '2', 'file', 'web:/tmp/file']);
  const read = (index: string): Promise<string> => sandbox.compose(['exec', '-T', '--index', index, 'web', 'cat', '/tmp/file']);
  expect([await read('1'), await read('2')]).toEqual(['all', 'second']);
  for (const wrong of [
    ['nosuch', 'web:/'],
    ['web:/nosuch', '.'],
    ['file', 'nosuch:/'],
    ['file', 'other'],
    ['web:/a', 'web:/b'],
  ]) {
    expect((await sandbox.tryCompose(['cp', ...wrong])).status).toBe(1);
  }
  await end();
});

test('commit makes an image of what the container wrote, export a tar of what it sees, both without its volumes', async () => {
  await up('web');
  await inside('sh', '-c', 'echo own > /own; echo shared > /data/file');
  const id = await sandbox.compose(['commit', '-a', 'me', '-m', 'why', '-c', 'ENV MADE=yes', 'web', 'made:1']);
  expect(id).toMatch(/^sha256:[0-9a-f]{64}$/);
  expect(await sandbox.mydocker(['run', '--rm', 'made:1', 'sh', '-c', 'cat /own; echo $MADE; ls /data'])).toBe('own\nyes');
  expect(await sandbox.mydocker(['image', 'inspect', '-f', '{{.Author}} {{.Comment}}', 'made:1'])).toBe('me why');
  await sandbox.compose(['export', '-o', 'all.tar', 'web']);
  const names = expectSuccess(await run('tar', ['-tf', here('all.tar')])).stdout.split('\n');
  expect(names).toContain('own');
  expect(names).toContain('data/');
  expect(names).not.toContain('data/file');
  expect((await sandbox.tryCompose(['export', 'nosuch'])).stderr).toContain('no such service: nosuch');
  await end();
  await sandbox.mydocker(['rmi', 'made:1']);
});

test('export says that a terminal is no place for a tar, and makes no file when it fails', async () => {
  await up('web');
  const terminal = new Terminal([executables.compose, 'export', 'web'], { cwd: sandbox.directory, env: sandbox.env });
  expect(await terminal.status()).toBe(1);
  expect(terminal.output).toContain('terminal');
  expect((await sandbox.tryCompose(['export', '-o', 'nosuch/folder.tar', 'web'])).status).toBe(1);
  expect((await sandbox.tryCompose(['export', '-o', 'never.tar', '--index', '7', 'web'])).status).toBe(1);
  expect(readdirSync(sandbox.directory)).toEqual(['compose.yaml']);
  expect(statSync(here('compose.yaml')).size).toBeGreaterThan(0);
  await end();
});

test('attach gives the container a line, shows its answer, and ends with its status', async () => {
  await up('talk');
  const { status, stdout } = await sandbox.tryCompose(['attach', 'talk'], { input: 'hello\nbye\n' });
  expect(stdout).toBe('heard hello\nheard bye\n');
  expect(status).toBe(6);
  const { stderr } = await sandbox.tryCompose(['attach', 'talk']);
  expect(stderr).toContain('demo-talk-1');
  await end();
});

test('attach without input only looks, and its detach keys leave the container running', async () => {
  sandbox.write('compose.yaml', 'name: demo\nservices: {shell: {image: busybox, tty: true, stdin_open: true, command: sh}}\n');
  await sandbox.compose(['up', '-d']);
  const terminal = new Terminal([executables.compose, 'attach', '--detach-keys', 'ctrl-x,x', 'shell'], {
    cwd: sandbox.directory,
    env: sandbox.env,
  });
  terminal.type('echo one$((1+1))\n');
  await terminal.shows('one2');
  terminal.type('\u0018x');
  expect(await terminal.status()).toBe(0);
  await until('it still runs', async () => (await sandbox.compose(['ps', '-q'])) !== '');
  expect((await sandbox.tryCompose(['attach', '--no-stdin', '--index', '3', 'shell'])).status).toBe(1);
  await end();
});
