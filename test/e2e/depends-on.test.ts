import { expect, test } from 'bun:test';
import { useSandbox } from '../helpers/sandbox.ts';
import { until } from '../helpers/until.ts';

const sandbox = useSandbox();

const IDLE = `image: busybox, init: true, stop_grace_period: 1s, command: sleep 1d`;
const write = (services: string): string => sandbox.write('compose.yaml', `name: demo\nservices:\n${services}`);
const inspect = (format: string, name: string): Promise<string> => sandbox.mydocker(['inspect', '-f', format, name]);
const startedAt = (service: string): Promise<string> => inspect('{{.State.StartedAt}}', `demo-${service}-1`);
const states = (): Promise<string> => sandbox.compose(['ps', '-a', '--format', '{{.Service}} {{.State}}']);

test('service_healthy waits for the check, service_completed_successfully for the end', async () => {
  write(`  db: {${IDLE}, healthcheck: {test: "test -e /ready", interval: 100ms, retries: 100}, post_start: [{command: [sh, -c, "(sleep 0.5; touch /ready) &"]}]}
  migrate: {image: busybox, command: "sh -c 'sleep 0.3; echo done'", depends_on: {db: {condition: service_healthy}}}
  web: {${IDLE}, depends_on: {migrate: {condition: service_completed_successfully}}}
`);
  await sandbox.compose(['up', '-d']);
  expect(await inspect('{{.State.Health.Status}}', 'demo-db-1')).toBe('healthy');
  const [db, migrate, web] = [await startedAt('db'), await startedAt('migrate'), await startedAt('web')];
  expect(db < migrate && migrate < web).toBe(true);
  expect((await inspect('{{.State.FinishedAt}}', 'demo-migrate-1')) < web).toBe(true);
  await sandbox.compose(['down']);
});

test('a dependency that turns unhealthy fails the up at once, with what its check and it itself said last', async () => {
  write(`  db: {image: busybox, init: true, stop_grace_period: 1s, command: "sh -c 'echo cannot open the socket; sleep 1d'", healthcheck: {test: "echo no answer; exit 3", interval: 100ms, retries: 2}}
  web: {${IDLE}, depends_on: {db: {condition: service_healthy}}}
`);
  const { status, stderr, milliseconds } = await sandbox.tryCompose(['up', '-d']);
  expect(status).toBe(1);
  expect(stderr).toContain('container demo-db-1 is unhealthy');
  expect(stderr).toContain('its health check exited with 3: no answer');
  expect(stderr).toContain('cannot open the socket');
  expect(milliseconds).toBeLessThan(10_000);
  expect((await states()).split('\n').sort()).toEqual(['db running', 'web created']);
  await sandbox.compose(['down']);
});

test('a dependency that exits instead of getting healthy, or fails, is named with its exit code and last lines', async () => {
  write(`  db: {image: busybox, command: "sh -c 'echo out of disk; exit 7'", healthcheck: {test: "false", interval: 1s, start_period: 1h}}
  web: {${IDLE}, depends_on: {db: {condition: service_healthy}}}
`);
  const exited = await sandbox.tryCompose(['up', '-d']);
  expect([exited.status, exited.stderr]).toEqual([1, expect.stringContaining('container demo-db-1 exited (7)')]);
  expect(exited.stderr).toContain('out of disk');
  write(`  job: {image: busybox, command: "sh -c 'echo no such table; exit 2'"}
  web: {${IDLE}, depends_on: {job: {condition: service_completed_successfully}}}
`);
  const failed = await sandbox.tryCompose(['up', '-d', '--remove-orphans']);
  expect([failed.status, failed.stderr]).toEqual([1, expect.stringContaining(`service "job" didn't complete successfully: exit 2`)]);
  expect(failed.stderr).toContain('no such table');
  await sandbox.compose(['down']);
});

test('required: false: its failure is a warning and holds nobody back', async () => {
  write(`  extra: {image: busybox, command: "sh -c 'exit 4'"}
  web: {${IDLE}, depends_on: {extra: {condition: service_completed_successfully, required: false}}}
`);
  const { status, stderr } = await sandbox.tryCompose(['up', '-d']);
  expect([status, stderr]).toEqual([0, expect.stringContaining('optional dependency')]);
  expect(await states()).toContain('web running');
  await sandbox.compose(['down']);
});

test('restart: true follows a restart and a new container of the dependency, others do not', async () => {
  const file = (value: string): string =>
    write(`  db: {${IDLE}, environment: {V: "${value}"}, healthcheck: {test: "true", interval: 100ms}}
  follows: {${IDLE}, depends_on: {db: {condition: service_healthy, restart: true}}}
  stays: {${IDLE}, depends_on: {db: {condition: service_healthy}}}
`);
  file('1');
  await sandbox.compose(['up', '-d']);
  const stays = await startedAt('stays');
  const first = await startedAt('follows');
  await sandbox.compose(['restart', 'db']);
  const second = await startedAt('follows');
  expect(second > first).toBe(true);
  await sandbox.compose(['restart', '--no-deps', 'db']);
  expect(await startedAt('follows')).toBe(second);
  file('2');
  await sandbox.compose(['up', '-d']);
  expect((await startedAt('follows')) > second).toBe(true);
  expect(await startedAt('stays')).toBe(stays);
  await sandbox.compose(['down']);
});

test('start honours the conditions; stop goes the other way round', async () => {
  write(`  db: {${IDLE}, tmpfs: /run, healthcheck: {test: "test -e /run/ready", interval: 100ms, retries: 100}, post_start: [{command: [sh, -c, "(sleep 0.5; touch /run/ready) &"]}]}
  web: {${IDLE}, depends_on: {db: {condition: service_healthy}}}
`);
  await sandbox.compose(['up', '-d']);
  await sandbox.compose(['stop']);
  expect((await inspect('{{.State.FinishedAt}}', 'demo-web-1')) < (await inspect('{{.State.FinishedAt}}', 'demo-db-1'))).toBe(true);
  await sandbox.compose(['start']);
  expect(Date.parse(await startedAt('web')) - Date.parse(await startedAt('db'))).toBeGreaterThanOrEqual(400);
  await sandbox.compose(['down']);
});

test('--parallel bounds how much is done at once', async () => {
  const services = Array.from(
    { length: 6 },
    (_, index) =>
      `  s${String(index)}: {image: busybox, init: true, stop_grace_period: 5s, command: "sh -c 'trap : TERM; sleep 1d & wait; sleep 0.4'"}`,
  );
  write(`${services.join('\n')}\n`);
  const ends = async (): Promise<readonly number[]> => {
    const times = await Promise.all(services.map((_, index) => inspect('{{.State.FinishedAt}}', `demo-s${String(index)}-1`)));
    return times.map((time) => Date.parse(time)).sort((a, b) => a - b);
  };
  await sandbox.compose(['up', '-d']);
  await sandbox.compose(['--parallel', '1', 'stop']);
  const one = await ends();
  expect((one.at(-1) ?? 0) - (one[0] ?? 0)).toBeGreaterThanOrEqual(5 * 350);
  await sandbox.compose(['down']);
});

test('restart_on_unhealthy: a container that turns unhealthy is started again by itself', async () => {
  write(`  web: {${IDLE}, healthcheck: {test: "! test -e /tmp/broken", interval: 100ms, retries: 2}, tmpfs: [/tmp], x-mydocker: {restart_on_unhealthy: true}}
`);
  await sandbox.compose(['up', '-d', '--wait']);
  const before = await startedAt('web');
  await sandbox.compose(['exec', '-T', 'web', 'touch', '/tmp/broken']);
  await until('it was started again and is healthy', async () => {
    return (await startedAt('web')) > before && (await inspect('{{.State.Health.Status}}', 'demo-web-1')) === 'healthy';
  });
  expect(await inspect('{{.RestartCount}}', 'demo-web-1')).toBe('1');
  await sandbox.compose(['down']);
});
