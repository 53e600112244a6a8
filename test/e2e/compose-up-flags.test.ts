import { expect, test } from 'bun:test';
import { useSandbox } from '../helpers/sandbox.ts';
import { until } from '../helpers/until.ts';

const sandbox = useSandbox();

const IDLE = 'image: busybox, init: true, command: sleep 1d';

const ids = async (): Promise<Readonly<Record<string, string>>> => {
  const lines = (await sandbox.compose(['ps', '-a', '--no-trunc', '--format', '{{.Name}} {{.ID}}']))
    .split('\n')
    .filter((line) => line !== '');
  return Object.fromEntries(lines.map((line) => line.replace('demo-', '').split(' ') as [string, string]));
};

const states = async (): Promise<readonly string[]> =>
  (await sandbox.compose(['ps', '-a', '--format', '{{.Name}} {{.State}}']))
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.replace('demo-', ''));

const write = (services: string, rest = ''): string => sandbox.write('compose.yaml', `name: demo\nservices: {${services}}\n${rest}`);
const end = (): Promise<string> => sandbox.compose(['down', '-v', '-t', '0', '--remove-orphans']);

test('--no-start makes everything and starts nothing; create does the same; start starts it', async () => {
  write(`a: {${IDLE}, volumes: ["data:/data"]}, b: {${IDLE}}`, 'volumes: {data: }');
  await sandbox.compose(['up', '--no-start', 'a']);
  expect(await states()).toEqual(['a-1 created']);
  await sandbox.compose(['create', '--scale', 'b=2']);
  expect(await states()).toEqual(['a-1 created', 'b-1 created', 'b-2 created']);
  await sandbox.compose(['start', 'a']);
  expect(await states()).toEqual(['a-1 running', 'b-1 created', 'b-2 created']);
  await sandbox.compose(['start', '--wait']);
  expect(await states()).toEqual(['a-1 running', 'b-1 running', 'b-2 running']);
  await end();
});

test('--force-recreate makes all anew, --always-recreate-deps the dependencies, --no-recreate nothing', async () => {
  write(`a: {${IDLE}, depends_on: [b]}, b: {${IDLE}}`);
  await sandbox.compose(['up', '-d']);
  const first = await ids();
  await sandbox.compose(['up', '-d', '-t', '0', '--force-recreate', 'a']);
  const second = await ids();
  expect([second['a-1'] !== first['a-1'], second['b-1'] === first['b-1']]).toEqual([true, true]);
  await sandbox.compose(['up', '-d', '-t', '0', '--force-recreate', '--always-recreate-deps', 'a']);
  const third = await ids();
  expect([third['a-1'] !== second['a-1'], third['b-1'] !== second['b-1']]).toEqual([true, true]);
  write(`a: {${IDLE}, depends_on: [b], environment: {NEW: 1}}, b: {${IDLE}}`);
  expect((await sandbox.tryCompose(['create', '--no-recreate'])).status).toBe(0);
  expect(await ids()).toEqual(third);
  for (const flags of [
    ['--force-recreate', '--no-recreate'],
    ['--no-deps', '--always-recreate-deps', '--no-recreate'],
  ]) {
    expect((await sandbox.tryCompose(['up', '-d', ...flags])).status).toBe(1);
  }
  await end();
});

test('--no-deps leaves dependencies alone, --scale counts over the file, --remove-orphans clears up', async () => {
  write(`a: {${IDLE}, depends_on: [b]}, b: {${IDLE}, scale: 2}`);
  await sandbox.compose(['up', '-d', '--no-deps', 'a']);
  expect(Object.keys(await ids())).toEqual(['a-1']);
  await sandbox.compose(['up', '-d']);
  expect(Object.keys(await ids())).toEqual(['a-1', 'b-1', 'b-2']);
  await sandbox.compose(['up', '-d', '-t', '0', '--scale', 'b=0', '--scale', 'a=3']);
  expect(Object.keys(await ids())).toEqual(['a-1', 'a-2', 'a-3']);
  await sandbox.compose(['scale', '--no-deps', 'a=1']);
  expect(Object.keys(await ids())).toEqual(['a-1']);
  write(`b: {${IDLE}}`);
  const { stderr } = await sandbox.tryCompose(['up', '-d']);
  expect(stderr).toContain('--remove-orphans');
  await sandbox.compose(['up', '-d', '-t', '0', '--remove-orphans']);
  expect(Object.keys(await ids())).toEqual(['b-1']);
  for (const wrong of ['b', 'b=-1', 'b=many', 'nosuch=2']) {
    expect((await sandbox.tryCompose(['up', '-d', '--scale', wrong])).status).toBe(1);
  }
  await end();
});

test('scale makes containers anew whose service has changed, as up does, and leaves other services alone', async () => {
  write(`a: {${IDLE}}, b: {${IDLE}}`);
  await sandbox.compose(['up', '-d']);
  const before = await ids();
  write(`a: {${IDLE}, environment: {V: "1"}}, b: {${IDLE}, environment: {V: "1"}}`);
  await sandbox.compose(['scale', 'a=2']);
  const after = await ids();
  expect(Object.keys(after)).toEqual(['a-1', 'a-2', 'b-1']);
  expect([after['a-1'] === before['a-1'], after['b-1'] === before['b-1']]).toEqual([false, true]);
  await end();
});

test('anonymous volumes are carried over to a new container, and made anew with -V', async () => {
  write(`a: {${IDLE}, volumes: [/cache]}`);
  const read = (): Promise<string> => sandbox.compose(['exec', '-T', 'a', 'sh', '-c', 'cat /cache/file || echo none']);
  await sandbox.compose(['up', '-d']);
  await sandbox.compose(['exec', '-T', 'a', 'sh', '-c', 'echo kept > /cache/file']);
  await sandbox.compose(['up', '-d', '-t', '0', '--force-recreate']);
  expect(await read()).toBe('kept');
  await sandbox.compose(['up', '-d', '-t', '0', '-V']);
  expect(await read()).toBe('none');
  await end();
});

test('--wait is done when all are ready, and tells who is not and why', async () => {
  const check = (command: string): string => `healthcheck: {test: ${command}, interval: 100ms, retries: 2}`;
  write(`a: {${IDLE}, ${check('test -e /ready')}}, job: {image: busybox, command: "true"}`);
  const waiting = sandbox.tryCompose(['up', '--wait', '--wait-timeout', '30'], { timeout: 60_000 });
  await until('it runs', async () => (await sandbox.compose(['ps', '-q', 'a'])) !== '');
  await sandbox.compose(['exec', '-T', 'a', 'touch', '/ready']);
  await waiting;
  await sandbox.compose(['up', '-d', '--wait']);
  expect(await sandbox.compose(['ps', '--format', '{{.Health}}'])).toBe('healthy');
  write(`a: {${IDLE}, ${check("sh -c 'echo not today; exit 1'")}}`);
  const failed = await sandbox.tryCompose(['up', '-t', '0', '--wait']);
  expect(failed.status).toBe(1);
  expect(failed.stderr).toContain('demo-a-1');
  expect(failed.stderr).toContain('unhealthy');
  expect(failed.stderr).toContain('not today');
  write(`a: {${IDLE}, healthcheck: {test: "true", interval: 1d, start_period: 1d, start_interval: 1d, disable: false, timeout: 1s}}`);
  expect((await sandbox.tryCompose(['up', '-d', '-t', '0', '--wait', '--wait-timeout', '20'])).status).toBe(0);
  await end();
}, 60_000);

test('--timestamps, --no-log-prefix, --attach and --no-attach decide what an attached up shows', async () => {
  write(`a: {image: busybox, command: echo from a}, b: {image: busybox, command: echo from b}`);
  const shown = async (...flags: string[]): Promise<readonly string[]> =>
    (await sandbox.compose(['up', ...flags]))
      .split('\n')
      .filter((line) => line.includes('from '))
      .sort();
  expect(await shown()).toEqual(['a-1  | from a', 'b-1  | from b']);
  expect(await shown('--no-log-prefix')).toEqual(['from a', 'from b']);
  expect(await shown('--attach', 'a')).toEqual(['a-1  | from a']);
  expect(await shown('--no-attach', 'a')).toEqual(['b-1  | from b']);
  expect((await shown('--timestamps'))[0]).toMatch(/^a-1 {2}\| \d{4}-\d\d-\d\dT[\d:.]+Z from a$/);
  await end();
});

test('kill, pause, unpause, stop, restart and rm act on what they name', async () => {
  write(`a: {${IDLE}, depends_on: [b]}, b: {${IDLE}}`);
  await sandbox.compose(['up', '-d']);
  await sandbox.compose(['pause', 'a']);
  expect(await states()).toEqual(['a-1 paused', 'b-1 running']);
  expect((await sandbox.tryCompose(['pause', 'a'])).status).toBe(1);
  expect((await sandbox.tryCompose(['unpause', 'b'])).stderr).toContain('demo-b-1 is not paused\n');
  await sandbox.compose(['unpause', 'a']);
  await sandbox.compose(['kill', '-s', 'SIGUSR1', 'b']);
  await until('b has ended of its signal', async () => (await states()).includes('b-1 exited'));
  const before = await sandbox.mydocker(['inspect', '-f', '{{.State.StartedAt}}', 'demo-a-1']);
  await sandbox.compose(['restart', '--no-deps', '-t', '0', 'a']);
  expect(await sandbox.mydocker(['inspect', '-f', '{{.State.StartedAt}}', 'demo-a-1'])).not.toBe(before);
  expect(await states()).toEqual(['a-1 running', 'b-1 exited']);
  await sandbox.compose(['rm', '-f']);
  expect(await states()).toEqual(['a-1 running']);
  await sandbox.compose(['rm', '-f', '-s', '-v', 'a']);
  expect(await states()).toEqual([]);
  expect((await sandbox.tryCompose(['kill', '-s', 'SIGNOSUCH', 'a'])).status).toBe(1);
  await end();
});

test('down takes services, a grace and images', async () => {
  write(`a: {${IDLE}}, b: {${IDLE}}, own: {build: {dockerfile_inline: FROM busybox}, command: sleep 1d, init: true}`);
  await sandbox.compose(['up', '-d']);
  await sandbox.compose(['down', '-t', '0', 'a']);
  expect(Object.keys(await ids())).toEqual(['b-1', 'own-1']);
  expect((await sandbox.tryCompose(['down', '--rmi', 'some'])).status).toBe(1);
  await sandbox.compose(['down', '-t', '0', '--rmi', 'local']);
  expect(await sandbox.mydocker(['images', '-q', 'demo-own'])).toBe('');
  const again = await sandbox.tryCompose(['down']);
  expect(again.status).toBe(0);
});
