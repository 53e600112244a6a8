import { expect, test } from 'bun:test';
import { join } from 'node:path';
import { useSandbox } from '../helpers/sandbox.ts';
import { until } from '../helpers/until.ts';

const sandbox = useSandbox();

const FILE = `name: demo
services:
  web:
    image: busybox
    init: true
    command: sleep 1d
    ports: ["127.0.0.1:18441:80", "127.0.0.1:18442:53/udp"]
    expose: ["90"]
    volumes: ["data:/data"]
    labels: {tier: front}
  job: {image: busybox, command: sh -c 'exit 3'}
volumes: {data: , more: {labels: {kept: "yes"}}}
`;

type Row = Readonly<Record<string, unknown>>;

const rows = (text: string): readonly Row[] =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Row);

const end = (): Promise<string> => sandbox.compose(['down', '-v', '-t', '0', '--remove-orphans']);

async function up(): Promise<void> {
  sandbox.write('compose.yaml', FILE);
  await sandbox.compose(['--all-resources', 'up', '-d']);
  await until('the job has ended', async () => (await sandbox.compose(['ps', '-q', '--status', 'exited'])) !== '');
}

test('ps shows what runs, -a what has ended, and filters, columns and templates as they are asked for', async () => {
  await up();
  const [heading = '', web = '', ...more] = (await sandbox.compose(['ps'])).split('\n');
  expect(heading.trim().split(/ {2,}/)).toEqual(['NAME', 'IMAGE', 'COMMAND', 'SERVICE', 'CREATED', 'STATUS', 'PORTS']);
  expect(web).toMatch(/^demo-web-1 +busybox +"sleep 1d" +web .* Up .* 90\/tcp, 127\.0\.0\.1:18442->53\/udp, 127\.0\.0\.1:18441->80\/tcp/);
  expect(more).toEqual([]);
  expect(await sandbox.compose(['ps', '-a', '--services'])).toBe('job\nweb');
  expect(await sandbox.compose(['ps', '-a', '--filter', 'status=exited', '--format', '{{.Name}} {{.ExitCode}}'])).toBe('demo-job-1 3');
  expect(await sandbox.compose(['ps', '--format', 'table {{.Service}}\t{{.State}}'])).toMatch(/^SERVICE +STATE\nweb +running$/);
  const [row] = rows(await sandbox.compose(['ps', '--format', 'json', 'web']));
  expect(row).toMatchObject({ Name: 'demo-web-1', Project: 'demo', Service: 'web', State: 'running', Health: '', ExitCode: 0 });
  expect(row?.['Publishers']).toContainEqual({ URL: '127.0.0.1', TargetPort: 80, PublishedPort: 18441, Protocol: 'tcp' });
  for (const wrong of [
    ['--status', 'tired'],
    ['--filter', 'name=x'],
    ['--format', '{{.Nope'],
  ]) {
    expect((await sandbox.tryCompose(['ps', ...wrong])).status).toBe(1);
  }
  await end();
});

test('a format that is none is refused, a template is not', async () => {
  await up();
  expect(await sandbox.compose(['ls', '--format', '{{.Name}}'])).toBe('demo');
  expect((await sandbox.tryCompose(['ls', '--format', 'yaml'])).status).toBe(1);
  await end();
});

test('ps tells orphans and containers of run apart', async () => {
  await up();
  await sandbox.compose(['run', '-d', '--name', 'once', 'web', 'sleep', '1d']);
  sandbox.write('compose.yaml', FILE.replace('  job:', '  other:'));
  expect(await sandbox.compose(['ps', '-a', '--format', '{{.Name}}'])).toBe('demo-job-1\ndemo-web-1\nonce');
  expect(await sandbox.compose(['ps', '-a', '--orphans=false', '--format', '{{.Name}}'])).toBe('demo-web-1\nonce');
  await end();
});

test('ls lists projects by what their containers do', async () => {
  await up();
  const file = join(sandbox.directory, 'compose.yaml');
  expect(JSON.parse(await sandbox.compose(['ls', '--format', 'json']))).toEqual([
    { Name: 'demo', Status: 'running(1)', ConfigFiles: file },
  ]);
  expect(JSON.parse(await sandbox.compose(['ls', '-a', '--format', 'json']))).toMatchObject([{ Status: 'exited(1), running(1)' }]);
  expect(await sandbox.compose(['ls', '-q'])).toBe('demo');
  expect(await sandbox.compose(['ls', '-q', '--filter', 'name=other'])).toBe('');
  expect(await sandbox.compose(['ls', '--format', '', '--filter', 'name=other'])).toMatch(/^NAME +STATUS +CONFIG FILES/);
  await sandbox.compose(['stop', '-t', '0']);
  expect(await sandbox.compose(['ls', '-q'])).toBe('');
  await end();
});

test('images, volumes and port say what the project uses', async () => {
  await up();
  const images = JSON.parse(await sandbox.compose(['images', '--format', 'json'])) as readonly Row[];
  expect(images.map((image) => [image['ContainerName'], image['Repository'], image['Tag']])).toEqual([
    ['demo-job-1', 'busybox', 'latest'],
    ['demo-web-1', 'busybox', 'latest'],
  ]);
  expect(await sandbox.compose(['images', '-q', 'web'])).toBe(String(images[0]?.['ID']).replace('sha256:', ''));
  expect(await sandbox.compose(['volumes', '-q'])).toBe('demo_data\ndemo_more');
  expect(await sandbox.compose(['volumes', '-q', 'web'])).toBe('demo_data');
  expect(rows(await sandbox.compose(['volumes', '--format', 'json']))[1]).toMatchObject({ Name: 'demo_more', Driver: 'local' });
  expect(await sandbox.compose(['port', 'web', '80'])).toBe('127.0.0.1:18441');
  expect(await sandbox.compose(['port', '--protocol', 'udp', 'web', '53'])).toBe('127.0.0.1:18442');
  expect(await sandbox.compose(['port', 'web', '90'])).toBe(':0');
  for (const wrong of [
    ['web', '81'],
    ['--index', '2', 'web', '80'],
    ['nosuch', '80'],
    ['web', 'http'],
  ]) {
    expect((await sandbox.tryCompose(['port', ...wrong])).status).toBe(1);
  }
  await end();
});

test('top and stats show processes and what they use', async () => {
  await up();
  const [heading = '', ...processes] = (await sandbox.compose(['top'])).split('\n').map((line) => line.trim().split(/ {2,}/));
  expect(heading).toEqual(['SERVICE', '#', 'UID', 'PID', 'PPID', 'C', 'STIME', 'TTY', 'TIME', 'CMD']);
  expect(processes.map((row) => [row[0], row[1], row.at(-1)])).toContainEqual(['web', '1', 'sleep 1d']);
  expect(await sandbox.compose(['top', 'job'])).toBe('');
  const [used] = rows(await sandbox.compose(['stats', '--no-stream', '--format', 'json']));
  expect(used).toMatchObject({ Name: 'demo-web-1', PIDs: '2' });
  expect(Number.parseFloat(String(used?.['MemUsage']))).toBeGreaterThan(0);
  const all = rows(await sandbox.compose(['stats', '--no-stream', '-a', '--format', 'json']));
  expect(all.map((row) => row['Name'])).toEqual(['demo-job-1', 'demo-web-1']);
  expect(all[0]).toMatchObject({ CPUPerc: '0.00%', MemUsage: '0B / 0B', NetIO: '0B / 0B', PIDs: '0' });
  expect((await sandbox.tryCompose(['stats', '--no-stream', 'nosuch'])).stderr).toContain('no such service: nosuch');
  await end();
});

test('version says what this is, in three forms', async () => {
  expect(await sandbox.compose(['version'])).toMatch(/^mydocker-compose version \d+\.\d+\.\d+ /);
  const short = await sandbox.compose(['version', '--short']);
  expect(short).toMatch(/^\d+\.\d+\.\d+$/);
  expect(JSON.parse(await sandbox.compose(['version', '-f', 'json']))).toMatchObject({ version: short });
});
