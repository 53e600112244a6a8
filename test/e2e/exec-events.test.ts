import { expect, test } from 'bun:test';
import { useSandbox } from '../helpers/sandbox.ts';
import { until } from '../helpers/until.ts';

const sandbox = useSandbox();

/** Often, since the command ends while the process begins: nothing may get lost then. */
const DETACHED = 10;

interface Event {
  readonly action: string;
  readonly service: string;
  readonly attributes: Readonly<Record<string, string>>;
}

async function eventsSoFar(): Promise<readonly Event[]> {
  const text = await sandbox.compose(['events', '--json', '--since', '10m', '--until', '0s']);
  return text.split('\n').map((line) => JSON.parse(line) as Event);
}

test('events tell of every process that joins a container, with one execID from its start to its end', async () => {
  sandbox.write(
    'compose.yaml',
    `name: demo
services:
  web:
    image: busybox
    init: true
    command: sleep 1d
    labels: {tier: front}
    post_start: [{command: [test, -d, /tmp]}]
    healthcheck: {test: [CMD, test, -d, /], interval: 30s}
`,
  );
  await sandbox.compose(['up', '-d', '--wait']);
  const { status } = await sandbox.tryCompose(['exec', '-T', 'web', 'sh', '-c', 'exit 6']);
  expect(status).toBe(6);
  for (let round = 0; round < DETACHED; round++) await sandbox.compose(['exec', '-d', 'web', 'true']);
  await until('all have ended', async () => (await eventsSoFar()).filter(({ action }) => action === 'exec_die').length === 3 + DETACHED);
  const runs = Map.groupBy(
    (await eventsSoFar()).filter(({ action }) => action.startsWith('exec_')),
    ({ attributes }) => attributes['execID'] ?? '',
  );
  const told = [...runs].map(([id, events]) => {
    expect(id).toMatch(/^[0-9a-f]{64}$/);
    expect(events.map(({ service, attributes }) => [service, attributes['name'], attributes['tier']])).toEqual(
      Array.from({ length: 3 }, () => ['web', 'demo-web-1', 'front']),
    );
    return [...events.map(({ action }) => action), events.at(-1)?.attributes['exitCode']].join(', ');
  });
  expect([...new Set(told)].sort()).toEqual([
    'exec_create: sh -c exit 6, exec_start: sh -c exit 6, exec_die, 6',
    'exec_create: test -d /, exec_start: test -d /, exec_die, 0',
    'exec_create: test -d /tmp, exec_start: test -d /tmp, exec_die, 0',
    // Docker leaves a space after a program without arguments.
    'exec_create: true , exec_start: true , exec_die, 0',
  ]);
  await sandbox.compose(['stop', '-t', '0']);
  const death = (await eventsSoFar()).find(({ action }) => action === 'die');
  expect(death?.attributes['execDuration']).toMatch(/^\d+$/);
  await sandbox.compose(['down']);
});
