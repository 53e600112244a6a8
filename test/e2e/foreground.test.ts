import { afterEach, expect, test } from 'bun:test';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { executables, useSandbox } from '../helpers/sandbox.ts';
import { Terminal } from '../helpers/terminal.ts';
import { until } from '../helpers/until.ts';

const sandbox = useSandbox();
const terminal = (...args: string[]) => new Terminal([executables.mydocker, ...args], { cwd: sandbox.directory, env: sandbox.env });

afterEach(async () => {
  const ids = await sandbox.mydocker(['ps', '-aq']);
  if (ids !== '') await sandbox.mydocker(['rm', '-f', ...ids.split('\n')]);
});

test('run -it: the terminal has its size, its keys and its exit code', async () => {
  const user = terminal('run', '-it', '--rm', 'busybox', 'sh');
  await user.shows('# ');
  user.type('stty size; tty\n');
  await user.shows('30 90');
  await user.shows('/dev/pts/0');
  user.type('echo $((40+2)); sleep 1000\n');
  await user.shows('42');
  user.type('\x03');
  await user.shows('^C');
  user.type('exit 7\n');
  expect(await user.status()).toBe(7);
});

test('detach keys leave the container running, attach finds it again', async () => {
  const first = terminal('run', '-it', '--name', 'kept', 'busybox', 'sh');
  await first.shows('# ');
  first.type('\x10\x11');
  expect(await first.status()).toBe(0);
  const second = terminal('attach', 'kept');
  await until('attached', async () => (await sandbox.mydocker(['events', '--since', '1h', '--until', '0s'])).split('attach').length > 2);
  second.type('echo $((40+2)) again\n');
  await second.shows('42 again');
  second.type('exit 5\n');
  expect(await second.status()).toBe(5);
});

test("the terminal's ^C reaches a container without a terminal once", async () => {
  const script =
    'n=0; trap "n=$((n+1)); echo int $n" INT; echo ready; while [ $n -lt 1 ]; do sleep 0.05; done; sleep 0.5; echo seen $n; exit 3';
  const user = terminal('run', '--rm', 'busybox', 'sh', '-c', script);
  await user.shows('ready');
  user.type('\x03');
  await user.shows('seen 1');
  expect(await user.status()).toBe(3);
});

test('SIGTERM to the command goes to the container', async () => {
  const child = spawn(
    executables.mydocker,
    ['run', '--rm', 'busybox', 'sh', '-c', 'trap "exit 4" TERM; echo ready; while :; do sleep 0.05; done'],
    { env: { ...process.env, ...sandbox.env }, stdio: ['ignore', 'pipe', 'inherit'] },
  );
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  await until('the container is ready', () => output.includes('ready'));
  child.kill('SIGTERM');
  const [status] = (await once(child, 'close')) as [number];
  expect(status).toBe(4);
});

test('input and output go through unchanged, a slow reader loses nothing', async () => {
  const input = 'line\n'.repeat(100_000);
  expect((await sandbox.tryMydocker(['run', '-i', '--rm', 'busybox', 'cat'], { input })).stdout).toBe(input);
  await sandbox.mydocker(['run', '-d', '--name', 'box', 'busybox', 'sleep', '1000']);
  expect((await sandbox.tryMydocker(['exec', '-i', 'box', 'cat'], { input })).stdout).toBe(input);
  const slow = spawn(
    'sh',
    ['-c', '"$0" run --rm busybox sh -c "yes some words to fill a line | head -c 30000000" | (sleep 1; wc -c)', executables.mydocker],
    {
      env: { ...process.env, ...sandbox.env },
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  const [count] = (await once(slow.stdout, 'data')) as [Buffer];
  expect(count.toString().trim()).toBe('30000000');
  await once(slow, 'close');
});

test('exec -it: size and exit code', async () => {
  await sandbox.mydocker(['run', '-d', '--name', 'box', 'busybox', 'sleep', '1000']);
  const user = terminal('exec', '-it', 'box', 'sh');
  await user.shows('# ');
  user.type('stty size; exit 6\n');
  await user.shows('30 90');
  expect(await user.status()).toBe(6);
});
