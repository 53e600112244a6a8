import { expect, test } from 'bun:test';
import { useSandbox } from '../helpers/sandbox.ts';

const sandbox = useSandbox();

test('help is shown once, by flag, by command and for nothing at all', async () => {
  const top = await sandbox.tryCompose([]);
  expect(top).toMatchObject({ status: 0, stderr: '' });
  expect(top.stdout.split('Usage:')).toHaveLength(2);
  expect(top.stdout.split('\n').filter((line) => line.length > 80)).toEqual([]);
  for (const group of ['Services:\n  up ', 'What there is:\n  ps ', 'Images:\n  build ']) expect(top.stdout).toContain(group);
  expect(await sandbox.tryCompose(['help'])).toMatchObject({ status: 0, stdout: top.stdout });
  expect(await sandbox.compose(['help', 'up'])).toBe(await sandbox.compose(['up', '--help']));
  expect(await sandbox.tryCompose(['help', 'nope'])).toMatchObject({
    status: 1,
    stderr: expect.stringContaining("unknown command 'nope'") as string,
  });
});

test('files and patterns that are none are told in words', async () => {
  sandbox.write('compose.yaml', 'name: demo\nservices: {web: {build: {context: ., dockerfile: folder}}}');
  sandbox.write('folder/x', '');
  for (const [args, words] of [
    [['config', '-o', 'none/x'], 'error: cannot write none/x: no such file or directory'],
    [['ls', '--filter', 'name=['], 'error: --filter name=[: not a regular expression'],
    [['run', '--rm', '-e', '=x', 'web', 'true'], 'invalid environment variable: =x'],
    [['build'], 'folder: cannot read it: it is a directory'],
  ] as const) {
    const { status, stderr } = await sandbox.tryCompose(args);
    expect(stderr).toContain(words);
    expect(status).toBe(1);
  }
});

test('what an error quotes does not steer the terminal', async () => {
  sandbox.write('compose.yaml', 'name: demo\nservices: {web: {image: busybox}}');
  const { stderr } = await sandbox.tryCompose(['up', '-d', 'a\u001b[31mb']);
  expect(stderr).toContain('no such service: a\\x1b[31mb');
});

test('orphans cannot be removed and ignored', async () => {
  sandbox.write('compose.yaml', 'name: demo\nservices: {web: {image: busybox}}');
  const env = { COMPOSE_IGNORE_ORPHANS: '1' };
  const { status, stderr } = await sandbox.tryCompose(['up', '-d', '--remove-orphans'], { env });
  expect(stderr).toContain('COMPOSE_IGNORE_ORPHANS');
  expect(status).toBe(1);
  expect(await sandbox.compose(['ps', '-aq'])).toBe('');
});

test('verbs that make no sense here say so', async () => {
  for (const verb of ['alpha', 'bridge']) {
    const { status, stderr } = await sandbox.tryCompose([verb, 'x', '--y']);
    expect(status).toBe(1);
    expect(stderr).toContain(`${verb}: `);
    expect(stderr).toContain('is not supported');
    expect(await sandbox.compose([verb, '--help'])).toContain('Instead:');
  }
});

test('spellings of earlier versions are understood', async () => {
  sandbox.write('compose.yaml', 'name: demo\nservices: {web: {image: busybox}}');
  expect(await sandbox.compose(['--no-ansi', '--verbose', '--workdir', '.', 'convert', '--services'])).toBe('web');
  expect((await sandbox.tryCompose(['--workdir', '.', '--project-directory', '.', 'ps'])).stderr).toContain(
    'use --project-directory alone',
  );
});

test('build flags that cannot be honoured are refused or told', async () => {
  sandbox.write('compose.yaml', 'name: demo\nservices: {web: {build: {dockerfile_inline: "FROM busybox"}}}');
  for (const flags of [['--check'], ['--sbom=true'], ['--provenance', 'mode=max']]) {
    const { status, stderr } = await sandbox.tryCompose(['build', ...flags]);
    expect(stderr).toContain(`error: ${flags[0]?.split('=')[0] ?? ''}: `);
    expect(status).toBe(1);
  }
  const { status, stderr } = await sandbox.tryCompose(['build', '--builder', 'x', '--sbom=false', '--no-rm', '--dry-run']);
  expect(stderr).toContain('--builder x has no effect');
  expect(status).toBe(0);
});

test('--all-resources keeps what no service uses', async () => {
  sandbox.write('compose.yaml', 'name: demo\nservices: {web: {image: busybox}}\nvolumes: {data: {}, more: {}}\nnetworks: {spare: {}}');
  expect(await sandbox.compose(['config', '--volumes'])).toBe('');
  expect(await sandbox.compose(['--all-resources', 'config', '--volumes'])).toBe('data\nmore');
  await sandbox.compose(['--all-resources', 'up', '--no-start']);
  expect(await sandbox.compose(['volumes', '-q'])).toBe('demo_data\ndemo_more');
  await sandbox.compose(['down', '--remove-orphans']);
  await sandbox.compose(['--all-resources', 'down', '-v']);
});

test('--compatibility names containers and images as docker-compose 1 did', async () => {
  sandbox.write('compose.yaml', 'name: demo\nservices: {web: {image: busybox}, app: {build: .}}');
  expect(await sandbox.compose(['--compatibility', 'config', '--images'])).toBe('demo_app\nbusybox');
  await sandbox.compose(['--compatibility', 'up', '--no-start', 'web']);
  expect(await sandbox.compose(['ps', '-a', '--format', '{{.Name}}'])).toBe('demo_web_1');
  await sandbox.compose(['up', '--no-start', 'web']);
  expect(await sandbox.compose(['ps', '-a', '--format', '{{.Name}}'])).toBe('demo-web-1');
  await sandbox.compose(['down']);
});

test('COMPOSE_ settings of the .env file count, the environment rules over them', async () => {
  sandbox.write('compose.yaml', 'name: demo\nservices: {web: {image: busybox}}');
  sandbox.write('.env', 'COMPOSE_PARALLEL_LIMIT=many\n');
  expect((await sandbox.tryCompose(['up', '--no-start'])).stderr).toContain('COMPOSE_PARALLEL_LIMIT: many is not a whole number');
  await sandbox.compose(['up', '--no-start'], { env: { COMPOSE_PARALLEL_LIMIT: '2' } });
  sandbox.write('.env', 'COMPOSE_REMOVE_ORPHANS=1\nCOMPOSE_PROGRESS=json\n');
  sandbox.write('compose.yaml', 'name: demo\nservices: {other: {image: busybox}}');
  expect((await sandbox.tryCompose(['up', '--no-start'])).stderr).toContain('{"id":"Container demo-other-1"');
  expect(await sandbox.compose(['ps', '-a', '--services'])).toBe('other');
  await sandbox.compose(['down']);
});
