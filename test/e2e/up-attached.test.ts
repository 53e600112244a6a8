import { expect, test } from 'bun:test';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { executables, useSandbox } from '../helpers/sandbox.ts';
import { until } from '../helpers/until.ts';

const sandbox = useSandbox();

/** An `up` in the foreground of a pipe. */
function up(...args: readonly string[]): { said: () => string; end: () => Promise<number> } {
  const child = spawn(executables.compose, ['up', ...args], {
    cwd: sandbox.directory,
    env: { ...process.env, ...sandbox.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
  const closed = once(child, 'close') as Promise<[number]>;
  return {
    said: () => text,
    end: async () => {
      child.kill('SIGINT');
      return (await closed)[0];
    },
  };
}

test('which end of which container is the end of up, and with what status', async () => {
  sandbox.write(
    'compose.yaml',
    `name: demo
services:
  ok: {image: busybox, command: sh -c 'sleep 0.3'}
  bad: {image: busybox, command: sh -c 'sleep 1; exit 7'}
  long: {image: busybox, init: true, command: sleep 1d}`,
  );
  const statusOf = async (...args: readonly string[]): Promise<number> => (await sandbox.tryCompose(['up', ...args])).status;
  expect(await statusOf('--abort-on-container-exit')).toBe(0);
  expect(await statusOf('--abort-on-container-failure')).toBe(7);
  expect(await statusOf('--exit-code-from', 'bad')).toBe(7);
  expect(await statusOf('--exit-code-from', 'long')).toBe(143);
  expect(await statusOf('ok', 'bad')).toBe(0);
  expect(await statusOf('-d', '--exit-code-from', 'bad')).toBe(1);
  expect(await sandbox.compose(['ps', '-q', '--status', 'running'])).toBe('');
}, 60_000);

test('restarts are told, and the output after them is shown', async () => {
  sandbox.write(
    'compose.yaml',
    'name: demo\nservices: {web: {image: busybox, restart: on-failure, command: "sh -c \'echo run; sleep 0.2; exit 4\'"}}',
  );
  const attached = up();
  await until('two restarts', () => attached.said().split('web-1 exited with code 4 (restarting)').length > 2);
  expect(attached.said().split('web-1  | run').length).toBeGreaterThan(2);
  const between = async (): Promise<string> => sandbox.compose(['ps', '--format', '{{.State}} {{.ExitCode}}']);
  // Docker Compose gives a code to what has ended alone.
  expect(await until('it waits for its next run', async () => (await between()).startsWith('restarting') && (await between()))).toMatch(
    / 0$/,
  );
  expect(await attached.end()).toBe(130);
});

test('what another command recreates or adds is followed, and its end is the end', async () => {
  const file = (word: string): string =>
    `name: demo\nservices: {web: {image: busybox, init: true, command: sh -c 'echo ${word}; sleep 1d'}}`;
  sandbox.write('compose.yaml', file('first'));
  const attached = up();
  await until('it is attached', () => attached.said().includes('web-1  | first'));
  sandbox.write('compose.yaml', file('second'));
  await sandbox.compose(['up', '-d', '--scale', 'web=2']);
  await until('both of the new ones are shown', () =>
    ['web-1  | second', 'web-2  | second'].every((line) => attached.said().includes(line)),
  );
  expect(attached.said()).toContain('web-1 exited with code 143');
  await sandbox.compose(['down']);
  await until('up has ended', () => attached.said().includes('web-2 exited with code 143'));
  expect(await attached.end()).toBe(0);
});

test('services that are not attached to are started and say nothing here', async () => {
  sandbox.write(
    'compose.yaml',
    `name: demo
services:
  web: {image: busybox, command: sh -c 'sleep 0.3; echo from web', depends_on: [db, aside]}
  db: {image: busybox, command: echo from db}
  aside: {image: busybox, attach: false, command: echo from aside}`,
  );
  expect((await sandbox.tryCompose(['up', '--no-attach', 'db'])).stdout).not.toMatch(/from (?:db|aside)/);
  const { stdout } = await sandbox.tryCompose(['up', '--attach', 'db', '--force-recreate']);
  expect(stdout).toContain('from db');
  expect(stdout).not.toContain('from web');
  expect((await sandbox.tryCompose(['up', '--force-recreate', 'web'])).stdout).not.toContain('from db');
  expect((await sandbox.tryCompose(['up', '--force-recreate', '--attach-dependencies', 'web'])).stdout).toContain('from db');
}, 60_000);

test('a short run is shown once, also when the same container runs again', async () => {
  sandbox.write(
    'compose.yaml',
    `name: demo
services:
  a: {image: busybox, command: echo said}
  b: {image: busybox, command: sleep 0.4, depends_on: {a: {condition: service_completed_successfully}}}
`,
  );
  for (let round = 0; round < 3; round++) {
    const lines = (await sandbox.compose(['up', '--no-color'])).split('\n');
    expect(lines.sort()).toEqual(['Attaching to a-1, b-1', 'a-1  | said', 'a-1 exited with code 0', 'b-1 exited with code 0']);
  }
});

test('what post_start hooks say is shown under a name of its own', async () => {
  sandbox.write(
    'compose.yaml',
    `name: demo
services:
  a: {image: busybox, init: true, command: sleep 2, post_start: [{command: [sh, -c, "echo one; printf two"]}]}
  b: {image: busybox, command: sleep 1, attach: false, post_start: [{command: echo hidden}]}
`,
  );
  const lines = (await sandbox.compose(['up', '--no-color'])).split('\n');
  expect(lines.filter((line) => line.includes('|'))).toEqual(['a-1 ->  | one', 'a-1 ->  | two']);
});
