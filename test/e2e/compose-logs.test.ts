import { expect, test } from 'bun:test';
import { executables, useSandbox } from '../helpers/sandbox.ts';
import { Terminal } from '../helpers/terminal.ts';
import { until } from '../helpers/until.ts';

const sandbox = useSandbox();

const say = (script: string): string => `{image: busybox, command: [sh, -c, ${JSON.stringify(script)}]}`;

/** Starts the services and waits until all of them have ended. */
async function ended(services: string): Promise<void> {
  sandbox.write('compose.yaml', `name: demo\nservices:\n${services}`);
  await sandbox.compose(['up', '-d']);
  await until('all have ended', async () => (await sandbox.compose(['ps', '-q'])) === '');
}

const lines = async (...args: string[]): Promise<readonly string[]> => (await sandbox.compose(['logs', ...args])).split('\n');

test('each line has its container before it, in columns; names choose services', async () => {
  await ended(`  web: ${say('echo one; echo two >&2')}\n  database: ${say('echo three')}\n`);
  expect([...(await lines())].sort()).toEqual(['database-1  | three', 'web-1       | one', 'web-1       | two']);
  expect(await lines('web')).toEqual(['web-1  | one', 'web-1  | two']);
  expect(await lines('--no-log-prefix', 'web')).toEqual(['one', 'two']);
  const { status, stderr } = await sandbox.tryCompose(['logs', 'nosuch']);
  expect({ status, named: stderr.includes('no such service: nosuch') }).toEqual({ status: 1, named: true });
});

test('--tail counts for each container, --timestamps tells when, --since and --until choose by it', async () => {
  await ended(`  web: ${say('seq 1 50; sleep 1.2; echo late')}\n`);
  expect(await lines('--no-log-prefix', '--tail', '3')).toEqual(['49', '50', 'late']);
  expect(await lines('--no-log-prefix', '-n', '0')).toEqual(['']);
  expect(await lines('--no-log-prefix', '--tail', 'all')).toHaveLength(51);
  const [first = '', last = ''] = (await lines('--no-log-prefix', '-t')).filter((_, index) => index === 0 || index === 50);
  expect(first).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z 1$/);
  const between = new Date(Date.parse(last.split(' ')[0] ?? '') - 600).toISOString();
  expect(await lines('--no-log-prefix', '--since', between)).toEqual(['late']);
  expect(await lines('--no-log-prefix', '--until', between)).toHaveLength(50);
  expect(await lines('--no-log-prefix', '--since', '1h')).toHaveLength(51);
  const wrong = await sandbox.tryCompose(['logs', '--since', 'yesterday']);
  expect({ status: wrong.status, named: wrong.stderr.includes('yesterday') }).toEqual({ status: 1, named: true });
});

test('--index chooses a replica', async () => {
  sandbox.write('compose.yaml', `name: demo\nservices:\n  web: ${say('hostname')}\n`);
  await sandbox.compose(['up', '-d', '--scale', 'web=2']);
  await until('both have ended', async () => (await sandbox.compose(['ps', '-q'])) === '');
  const second = (await sandbox.mydocker(['inspect', '-f', '{{.Id}}', 'demo-web-2'])).slice(0, 12);
  expect(await lines('--no-log-prefix', '--index', '2', 'web')).toEqual([second]);
});

test('a very long line stays one line, bytes that are no text stay as they are, no newline at the end is no loss', async () => {
  const script = "head -c 300000 /dev/zero | tr '\\0' x; echo; printf '\\377\\001\\n'; printf end";
  await ended(`  web: ${say(script)}\n`);
  const { stdout } = await sandbox.tryMydocker(['logs', 'demo-web-1']);
  expect(stdout.split('\n').map(({ length }) => length)).toEqual([300_000, 2, 3]);
  const [long = '', , last] = await lines();
  expect(long.length).toBe('web-1  | '.length + 300_000);
  expect(last).toBe('web-1  | end');
});

test('colours stand on a terminal alone, one a service, and never with --no-color or NO_COLOR', async () => {
  await ended(`  web: ${say('echo one')}\n  db: ${say('echo two')}\n`);
  const shown = async (env: Readonly<Record<string, string>>, ...args: string[]): Promise<string> => {
    const terminal = new Terminal([executables.compose, 'logs', ...args], { cwd: sandbox.directory, env: { ...sandbox.env, ...env } });
    expect(await terminal.status()).toBe(0);
    return terminal.output;
  };
  const colours = (await shown({})).split('\u001b[').map((part) => part.slice(0, part.indexOf('m')));
  expect(new Set(colours.slice(1).filter((colour) => colour !== '0')).size).toBeGreaterThan(1);
  expect(await shown({}, '--no-color')).not.toContain('\u001b');
  expect(await shown({ NO_COLOR: '1' })).not.toContain('\u001b');
  expect((await lines()).join('')).not.toContain('\u001b');
});

test('a container without a log is told of, and keeps neither the others nor an attached up waiting', async () => {
  sandbox.write(
    'compose.yaml',
    `name: demo\nservices:\n  mute: {image: busybox, command: sleep 1, logging: {driver: none}}\n  web: ${say('echo one')}\n`,
  );
  expect((await sandbox.tryCompose(['up'])).status).toBe(0);
  for (const flags of [[], ['-f']]) {
    const { status, stdout, stderr } = await sandbox.tryCompose(['logs', ...flags]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: 'warning: container demo-mute-1 keeps no log: its log driver is none\n' });
    expect(stdout).toContain('web-1  | one');
  }
  sandbox.write(
    'compose.yaml',
    `name: demo
services:
  mute: {image: busybox, command: sleep 1d, init: true, logging: {driver: none}, healthcheck: {test: "false", interval: 0.1s, retries: 1}}
  web: {image: busybox, depends_on: {mute: {condition: service_healthy}}}
`,
  );
  expect((await sandbox.tryCompose(['up', '-d'])).stderr).toContain('container demo-mute-1 is unhealthy');
  await sandbox.compose(['down', '-t', '0']);
});
