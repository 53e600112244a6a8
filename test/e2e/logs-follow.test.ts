import { expect, test } from 'bun:test';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { executables, useSandbox } from '../helpers/sandbox.ts';
import { until } from '../helpers/until.ts';

const sandbox = useSandbox();

const FILE = `name: demo
services:
  a: {image: busybox, command: [sh, -c, "echo up; trap 'echo bye; exit 0' TERM; while :; do sleep 0.05; done"]}
  b: {image: busybox, init: true, command: sleep 1d}
`;

function following(...args: string[]): { readonly said: () => string; readonly process: ReturnType<typeof spawn> } {
  const child = spawn(executables.compose, ['logs', '-f', '--no-color', ...args], {
    cwd: sandbox.directory,
    env: { ...process.env, ...sandbox.env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
  return { said: () => text, process: child };
}

test('logs -f goes on with replicas that are made meanwhile, and ends with the last container', async () => {
  sandbox.write('compose.yaml', FILE);
  await sandbox.compose(['up', '-d']);
  const { said, process: child } = following('a');
  const ended = once(child, 'exit');
  await until('the past is shown', () => Promise.resolve(said().includes('a-1  | up')));
  await sandbox.compose(['up', '-d', '--scale', 'a=2']);
  await until('the new replica is shown', () => Promise.resolve(said().includes('a-2  | up')));
  await sandbox.compose(['stop', 'a']);
  expect(await ended).toEqual([0, null]);
  expect(said().split('\n').sort()).toEqual([
    '',
    'a-1  | bye',
    'a-1  | up',
    'a-1 exited with code 0',
    'a-2  | bye',
    'a-2  | up',
    'a-2 exited with code 0',
  ]);
  await sandbox.compose(['down', '-t', '0']);
});

test('logs -f tells of restarts, of a container that is made anew, and of the end of one that is removed', async () => {
  sandbox.write('compose.yaml', FILE);
  await sandbox.compose(['up', '-d']);
  const { said, process: child } = following('--no-log-prefix', 'a');
  const ended = once(child, 'exit');
  const times = (text: string): number =>
    said()
      .split('\n')
      .filter((line) => line === text).length;
  await until('the first run is shown', () => times('up') === 1);
  await sandbox.compose(['restart', 'a']);
  await until('the restart is told', () => times('up') === 2 && times('a-1 exited with code 0 (restarting)') === 1);
  await sandbox.compose(['up', '-d', '--force-recreate', 'a']);
  await until('the new container is told', () => times('up') === 3 && times('a-1 has been recreated') === 1);
  await sandbox.compose(['down']);
  expect(await ended).toEqual([0, null]);
  expect(said().trimEnd().split('\n').at(-1)).toBe('a-1 exited with code 0');
});

test('lines keep their bytes, and a container with a name of its own is called by it', async () => {
  sandbox.write(
    'compose.yaml',
    `name: demo
services:
  a: {image: busybox, command: [printf, 'one\\r\\ntwo\\n']}
  b: {image: busybox, container_name: own, command: echo three}
`,
  );
  expect((await sandbox.compose(['up', '--no-color'])).split('\n')).toContain('own  | three');
  expect(await sandbox.compose(['logs', '--no-log-prefix', 'a'])).toBe('one\r\ntwo');
  expect(await sandbox.compose(['logs', '--no-color', 'b'])).toBe('own  | three');
  await sandbox.compose(['down']);
});

test('an interrupted logs -f ends as a shell expects it', async () => {
  sandbox.write('compose.yaml', FILE);
  await sandbox.compose(['up', '-d']);
  const { said, process: child } = following();
  const ended = once(child, 'exit');
  await until('it follows', () => Promise.resolve(said().includes('a-1  | up')));
  child.kill('SIGINT');
  expect(await ended).toEqual([130, null]);
  await sandbox.compose(['down', '-t', '0']);
});
