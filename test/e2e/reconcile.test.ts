import { expect, test } from 'bun:test';
import { useSandbox } from '../helpers/sandbox.ts';

const sandbox = useSandbox();

const IDLE = `image: busybox, init: true, stop_grace_period: 1s, command: sleep 1d`;

const plan = (): Promise<string> => sandbox.compose(['plan']);
const ids = async (): Promise<Record<string, string>> =>
  Object.fromEntries(
    (await sandbox.compose(['-p', 'demo', 'ps', '-a', '--no-trunc', '--format', '{{.Name}} {{.ID}}']))
      .split('\n')
      .map((line) => line.split(' '))
      .map(([name = '', id = '']) => [name, id] as const),
  );

test('after an up the plan is empty, and a second up touches nothing', async () => {
  sandbox.write('compose.yaml', `name: demo\nservices: {a: {${IDLE}}, b: {${IDLE}, depends_on: [a], scale: 2}}\n`);
  await sandbox.compose(['up', '-d']);
  const before = await ids();
  expect(Object.keys(before).sort()).toEqual(['demo-a-1', 'demo-b-1', 'demo-b-2']);
  expect(await plan()).toBe('nothing to do');
  await sandbox.compose(['up', '-d']);
  expect(await ids()).toEqual(before);
  await sandbox.compose(['down']);
});

test('a changed service alone is made anew, with the field that changed and without its secrets', async () => {
  const file = (port: string, token: string): string =>
    `name: demo\nservices: {a: {${IDLE}, environment: {PORT: "${port}", API_TOKEN: ${token}}}, b: {${IDLE}}}\n`;
  sandbox.write('compose.yaml', file('8080', 'first'));
  await sandbox.compose(['up', '-d']);
  const before = await ids();
  sandbox.write('compose.yaml', file('9090', 'second'));
  const { stderr } = await sandbox.tryCompose(['up', '-d']);
  expect(stderr).toContain('services.a.environment.PORT changed: "8080" -> "9090"');
  expect(stderr).toContain('services.a.environment.API_TOKEN changed: "***" -> "***"');
  expect(stderr).not.toContain('second');
  const after = await ids();
  expect(after['demo-b-1']).toBe(before['demo-b-1'] ?? '');
  expect(after['demo-a-1']).not.toBe(before['demo-a-1'] ?? '');
  expect(await plan()).toBe('nothing to do');
  await sandbox.compose(['down']);
});

test('what was killed, paused or removed by hand comes back', async () => {
  sandbox.write('compose.yaml', `name: demo\nservices: {a: {${IDLE}}, b: {${IDLE}}, c: {${IDLE}}}\n`);
  await sandbox.compose(['up', '-d']);
  await sandbox.mydocker(['kill', 'demo-a-1']);
  await sandbox.mydocker(['wait', 'demo-a-1']);
  await sandbox.mydocker(['pause', 'demo-b-1']);
  await sandbox.mydocker(['rm', '-f', 'demo-c-1']);
  expect((await plan()).split('\n').sort()).toEqual([
    'create container demo-c-1 (not there)',
    'start container demo-a-1 (it exited with 137)',
    'start container demo-c-1 (new)',
    'unpause container demo-b-1 (it is paused)',
  ]);
  await sandbox.compose(['up', '-d']);
  expect(await sandbox.compose(['ps', '--format', '{{.State}}'])).toBe('running\nrunning\nrunning');
  await sandbox.compose(['down']);
});

test('a model that was applied before can be applied again', async () => {
  sandbox.write('compose.yaml', `name: demo\nservices: {a: {${IDLE}, environment: {V: "1"}}}\n`);
  await sandbox.compose(['up', '-d']);
  sandbox.write('compose.yaml', `name: demo\nservices: {a: {${IDLE}, environment: {V: "2"}}}\n`);
  await sandbox.compose(['up', '-d']);
  expect(await sandbox.compose(['history', '--format', '{{.Revision}}'])).toBe('2\n1');
  await sandbox.compose(['rollback']);
  expect(await sandbox.compose(['exec', '-T', 'a', 'sh', '-c', 'echo $V'])).toBe('1');
  await sandbox.compose(['down']);
});

test('two directories cannot share a project by accident', async () => {
  sandbox.write('one/compose.yaml', `services: {a: {${IDLE}}}\n`);
  sandbox.write('two/compose.yaml', `services: {a: {${IDLE}}}\n`);
  await sandbox.compose(['-p', 'demo', '-f', 'one/compose.yaml', 'up', '-d']);
  const refused = await sandbox.tryCompose(['-p', 'demo', '-f', 'two/compose.yaml', 'up', '-d']);
  expect(refused.status).toBe(1);
  const both = `project "demo" is already in use from ${sandbox.directory}/one; this one is in ${sandbox.directory}/two`;
  expect(refused.stderr).toContain(both);
  for (const change of [['down', '-v'], ['stop'], ['rm', '-fs'], ['restart'], ['scale', 'a=2'], ['run', '--rm', 'a', 'true']]) {
    const other = await sandbox.tryCompose(['-p', 'demo', '-f', 'two/compose.yaml', ...change]);
    expect([change, other.status, other.stderr]).toEqual([change, 1, expect.stringContaining(both)]);
  }
  await sandbox.compose(['-p', 'demo', '-f', 'two/compose.yaml', 'up', '-d', '--adopt']);
  await sandbox.compose(['-p', 'demo', '-f', 'two/compose.yaml', 'up', '-d']);
  expect((await sandbox.tryCompose(['-p', 'demo', '-f', 'one/compose.yaml', 'up', '-d'])).status).toBe(1);
  await sandbox.compose(['-p', 'demo', 'down']);
});

test('a container name that somebody else has is refused before anything is made', async () => {
  await sandbox.mydocker(['create', '--name', 'front', 'busybox']);
  sandbox.write('compose.yaml', `name: demo\nservices: {a: {${IDLE}}, b: {${IDLE}, container_name: front}}\n`);
  const { status, stderr } = await sandbox.tryCompose(['up', '-d']);
  expect([status, stderr]).toEqual([
    1,
    expect.stringContaining('services.b: the container name "front" is already in use by a container of no project'),
  ]);
  expect(await sandbox.compose(['ps', '-aq'])).toBe('');
  expect(await sandbox.mydocker(['network', 'ls', '-q', '--filter', 'name=demo_default'])).toBe('');
  await sandbox.mydocker(['rm', 'front']);
  await sandbox.compose(['up', '-d']);
  await sandbox.compose(['down']);
});

test('plan tells scripts whether there is something to do', async () => {
  sandbox.write('compose.yaml', `name: demo\nservices: {a: {${IDLE}}}\n`);
  expect((await sandbox.tryCompose(['plan', '--detailed-exitcode'])).status).toBe(2);
  await sandbox.compose(['up', '-d']);
  expect((await sandbox.tryCompose(['plan', '--detailed-exitcode'])).status).toBe(0);
  expect((await sandbox.tryCompose(['-f', 'nosuch.yaml', 'plan', '--detailed-exitcode'])).status).toBe(1);
  await sandbox.compose(['down']);
});

test('orphans are named, kept, and removed when asked', async () => {
  sandbox.write('compose.yaml', `name: demo\nservices: {a: {${IDLE}}, gone: {${IDLE}}}\n`);
  await sandbox.compose(['up', '-d']);
  sandbox.write('compose.yaml', `name: demo\nservices: {a: {${IDLE}}}\n`);
  expect((await sandbox.tryCompose(['up', '-d'])).stderr).toContain('demo-gone-1');
  expect(Object.keys(await ids())).toContain('demo-gone-1');
  await sandbox.compose(['up', '-d', '--remove-orphans']);
  expect(Object.keys(await ids())).toEqual(['demo-a-1']);
  await sandbox.compose(['down']);
});
