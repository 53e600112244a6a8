import { expect, test } from 'bun:test';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { executables, useSandbox } from '../helpers/sandbox.ts';
import { until } from '../helpers/until.ts';
import { Terminal } from '../helpers/terminal.ts';

const sandbox = useSandbox();

const FILE = `name: demo
services:
  web:
    image: busybox
    init: true
    command: sleep 1d
    restart: always
    environment: {FROM_FILE: yes, COLOR: red}
    ports: ["127.0.0.1:18431:80"]
    volumes: ["data:/data"]
    depends_on: [db]
  db: {image: busybox, init: true, command: sleep 1d}
volumes: {data: }
`;

const names = async (): Promise<readonly string[]> =>
  (await sandbox.compose(['ps', '-a', '--format', '{{.Name}} {{.State}}'])).split('\n').filter((line) => line !== '');

const end = (): Promise<string> => sandbox.compose(['down', '-v', '-t', '0', '--remove-orphans']);

test('run starts what the service depends on, takes its status from the program, and leaves nothing with --rm', async () => {
  sandbox.write('compose.yaml', FILE);
  const { status, stdout } = await sandbox.tryCompose(['run', '--rm', '-T', 'web', 'sh', '-c', 'echo $FROM_FILE $COLOR; exit 9']);
  expect({ status, stdout }).toEqual({ status: 9, stdout: 'yes red\n' });
  expect(await names()).toEqual(['demo-db-1 running']);
  await end();
});

test('--no-deps starts nothing else; without --rm the container stays and has ended', async () => {
  sandbox.write('compose.yaml', FILE);
  await sandbox.compose(['run', '--no-deps', '--name', 'once', '-T', 'web', 'true']);
  expect(await names()).toEqual(['once exited']);
  expect(await sandbox.mydocker(['inspect', '-f', '{{.HostConfig.RestartPolicy.Name}}', 'once'])).toBe('no');
  const labels = await sandbox.mydocker(['inspect', '-f', '{{json .Config.Labels}}', 'once']);
  expect(JSON.parse(labels)).not.toHaveProperty('com.docker.compose.container-number');
  await end();
});

test('flags go over what the file says: program, environment, user, directory, labels, mounts', async () => {
  sandbox.write('compose.yaml', FILE);
  sandbox.write('more.env', 'FROM_LIST=listed\nCOLOR=green\n');
  sandbox.write('shared/file', 'shared');
  const flags = [
    '--no-deps',
    '--name',
    'probe',
    '--env-from-file',
    'more.env',
    '-e',
    'COLOR=blue',
    '-u',
    '12:34',
    '-w',
    '/tmp',
    '-l',
    'mine=1',
  ];
  const script = 'echo $COLOR $FROM_LIST $PWD $(id -u):$(id -g); cat /mnt/file';
  const said = await sandbox.compose(['run', ...flags, '-v', './shared:/mnt:ro', '--entrypoint', 'sh -c', '-T', 'web', script]);
  expect(said).toBe('blue listed /tmp 12:34\nshared');
  expect(
    await sandbox.mydocker([
      'inspect',
      '-f',
      '{{index .Config.Labels "mine"}} {{index .Config.Labels "com.docker.compose.oneoff"}}',
      'probe',
    ]),
  ).toBe('1 True');
  await end();
});

test('ports are published when asked for alone', async () => {
  sandbox.write('compose.yaml', FILE);
  const ports = (name: string): Promise<string> => sandbox.mydocker(['port', name]);
  await sandbox.compose(['run', '-d', '--no-deps', '--name', 'plain', 'web']);
  expect(await ports('plain')).toBe('');
  await sandbox.compose(['run', '-d', '--no-deps', '--name', 'served', '--service-ports', 'web']);
  expect(await ports('served')).toBe('80/tcp -> 127.0.0.1:18431');
  await sandbox.compose(['run', '-d', '--no-deps', '--name', 'chosen', '-p', '127.0.0.1:18432:81', 'web']);
  expect(await ports('chosen')).toBe('81/tcp -> 127.0.0.1:18432');
  await end();
});

test('--use-aliases answers to the name of the service', async () => {
  sandbox.write('compose.yaml', FILE);
  await sandbox.compose(['up', '-d', 'db']);
  const found = async (): Promise<number> => (await sandbox.tryCompose(['exec', '-T', 'db', 'nslookup', '-type=a', 'web.'])).status;
  await sandbox.compose(['run', '-d', '--no-deps', '--name', 'plain', 'web']);
  expect(await found()).not.toBe(0);
  await sandbox.compose(['run', '-d', '--no-deps', '--name', 'named', '--use-aliases', 'web']);
  expect(await found()).toBe(0);
  await end();
});

test('standard input reaches the program, and its output comes back byte for byte', async () => {
  sandbox.write('compose.yaml', FILE);
  const bytes = Buffer.from(Array.from({ length: 100_000 }, (_, index) => index % 251));
  const { stdout } = await sandbox.tryCompose(['run', '--rm', '-T', '--no-deps', 'web', 'sha256sum'], { input: bytes });
  expect(stdout.split(' ')[0]).toBe(new Bun.CryptoHasher('sha256').update(bytes).digest('hex'));
  await end();
});

test('on a terminal the program has one, with its size and its keys', async () => {
  sandbox.write('compose.yaml', FILE);
  const terminal = new Terminal([executables.compose, 'run', '--rm', '--no-deps', 'web', 'sh'], {
    cwd: sandbox.directory,
    env: sandbox.env,
    rows: 33,
    columns: 77,
  });
  await terminal.shows('# ');
  terminal.type('stty size; exit 5\n');
  await terminal.shows('33 77');
  expect(await terminal.status()).toBe(5);
  await end();
});

test('names and containers that are not there, flags that do not go together', async () => {
  sandbox.write('compose.yaml', FILE);
  const refused = async (...args: string[]): Promise<string> => {
    const { status, stderr } = await sandbox.tryCompose(['run', ...args]);
    expect(status).toBe(1);
    return stderr;
  };
  expect(await refused('nosuch')).toContain('no such service: nosuch');
  expect(await refused('-P', '-p', '1:1', 'web')).toContain('--service-ports and --publish are incompatible');
  expect(await refused('-T', '-it', 'web')).toContain('--tty and --no-TTY are incompatible');
  expect(await refused('-v', '/no/such/../..:relative', 'web')).toContain('relative');
  expect(await refused('-v', 'relative', 'web')).toContain('the target must be absolute');
  expect(await refused('--env-from-file', 'nosuch.env', 'web')).toContain('nosuch.env');
  expect(await names()).toEqual([]);
});

test('--build, --pull and --remove-orphans come before the program', async () => {
  const service = `{build: {dockerfile_inline: "FROM busybox\\nRUN echo built > /made"}, command: cat /made}`;
  sandbox.write('compose.yaml', `name: demo\nservices: {app: ${service}, old: {image: busybox}}\n`);
  await sandbox.compose(['create', 'old']);
  sandbox.write('compose.yaml', `name: demo\nservices: {app: ${service}}\n`);
  expect(await sandbox.compose(['run', '--rm', '-T', '--build', '--quiet-build', '--remove-orphans', 'app'])).toBe('built');
  expect(await names()).toEqual([]);
  await sandbox.compose(['down', '--rmi', 'local']);
});

test('exec and cp --all reach the container of run by its service while nothing else runs', async () => {
  sandbox.write('compose.yaml', FILE);
  await sandbox.compose(['run', '-d', '--no-deps', '--name', 'job', 'web', 'sh', '-c', 'echo made > /made; exec sleep 1d']);
  await sandbox.compose(['exec', '-T', 'web', 'sh', '-c', 'until test -s /made; do :; done']);
  await sandbox.compose(['cp', '--all', 'web:/made', 'made']);
  expect(existsSync(join(sandbox.directory, 'made')) && readFileSync(join(sandbox.directory, 'made'), 'utf8')).toBe('made\n');
  await end();
});

test('what run --rm started in the background is gone as soon as it has ended, and its name is free', async () => {
  sandbox.write('compose.yaml', FILE);
  for (let round = 0; round < 3; round++) {
    await sandbox.compose(['run', '--rm', '-d', '--no-deps', '--name', 'brief', 'web', 'true']);
    await until('it is gone', async () => (await names()).length === 0, 1500);
  }
  await end();
});
