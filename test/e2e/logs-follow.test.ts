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
  expect(said().split('\n').sort()).toEqual(['', 'a-1  | bye', 'a-1  | up', 'a-2  | bye', 'a-2  | up']);
  await sandbox.compose(['down', '-t', '0']);
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
