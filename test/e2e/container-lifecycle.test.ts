import { expect, test } from 'bun:test';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { useSandbox } from '../helpers/sandbox.ts';
import { until } from '../helpers/until.ts';

const sandbox = useSandbox();
const start = (name: string, script: string, ...flags: string[]): Promise<string> =>
  sandbox.mydocker(['run', '-d', '--network', 'none', '--name', name, ...flags, 'busybox', 'sh', '-c', script]);
const state = (name: string, field: string): Promise<string> => sandbox.mydocker(['inspect', '-f', `{{.State.${field}}}`, name]);
const forever = 'trap "exit 0" TERM; while true; do sleep 0.05; done';

test('ps shows what runs, -a what has ended too, filters choose', async () => {
  await start('runs', forever, '--label', 'kind=a');
  await start('ended', 'exit 3', '--label', 'kind=b');
  await sandbox.mydocker(['wait', 'ended']);
  const names = async (...args: string[]): Promise<string[]> =>
    (await sandbox.mydocker(['ps', '--format', '{{.Names}}', ...args])).split('\n').filter(Boolean).sort();
  expect(await names()).toEqual(['runs']);
  expect(await names('-a')).toEqual(['ended', 'runs']);
  expect(await names('--filter', 'exited=3')).toEqual(['ended']);
  expect(await names('-a', '--filter', 'label=kind=a')).toEqual(['runs']);
  expect(await names('-a', '--filter', 'label=kind=a', '--filter', 'name=ended')).toEqual([]);
});

test('stop sends the signal and waits; a program that does not listen is killed', async () => {
  await start('polite', forever);
  await start('deaf', 'trap "" TERM; while true; do sleep 0.05; done');
  await sandbox.mydocker(['stop', '-t', '10', 'polite']);
  await sandbox.mydocker(['stop', '-t', '0', 'deaf']);
  expect(await state('polite', 'ExitCode')).toBe('0');
  expect(await state('deaf', 'ExitCode')).toBe('137');
});

test('pause stops everything, unpause goes on, exec in between is refused', async () => {
  await start('c1', 'i=0; while true; do i=$((i+1)); echo $i > /count; sleep 0.01; done');
  await sandbox.mydocker(['pause', 'c1']);
  expect(await state('c1', 'Status')).toBe('paused');
  expect((await sandbox.tryMydocker(['exec', 'c1', 'true'])).stderr).toContain('paused');
  await sandbox.mydocker(['unpause', 'c1']);
  expect(await state('c1', 'Status')).toBe('running');
});

test('restart policies: on-failure counts, a stop by hand is final', async () => {
  await start('fails', 'exit 1', '--restart', 'on-failure:2');
  await until('it gave up', async () => (await state('fails', 'Status')) === 'exited');
  expect(await sandbox.mydocker(['inspect', '-f', '{{.RestartCount}}', 'fails'])).toBe('2');
  await start('stays', forever, '--restart', 'always');
  process.kill((await sandbox.stateOf('stays')).pid, 'SIGKILL');
  await until(
    'it is back',
    async () =>
      (await state('stays', 'Running')) === 'true' && (await sandbox.mydocker(['inspect', '-f', '{{.RestartCount}}', 'stays'])) === '1',
  );
  await sandbox.mydocker(['stop', 'stays']);
  expect(await state('stays', 'Status')).toBe('exited');
});

test('logs: both streams, tail, times, and following through restarts to the end', async () => {
  await start('talks', 'echo out; echo err >&2; sleep 0.2; echo last');
  const followed = await sandbox.tryMydocker(['logs', '-f', 'talks']);
  expect(followed).toMatchObject({ stdout: 'out\nlast\n', stderr: 'err\n' });
  expect(await sandbox.mydocker(['logs', '-n', '1', 'talks'])).toBe('last');
  expect(await sandbox.mydocker(['logs', '-t', '-n', '1', 'talks'])).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z last$/);
});

test('rotated logs keep to their size and are read through', async () => {
  await start(
    'much',
    'i=0; while [ $i -lt 2000 ]; do echo "line $i"; i=$((i+1)); done',
    '--log-opt',
    'max-size=20k',
    '--log-opt',
    'max-file=3',
  );
  await sandbox.mydocker(['wait', 'much']);
  const lines = (await sandbox.mydocker(['logs', 'much'])).split('\n');
  expect(lines.at(-1)).toBe('line 1999');
  expect(lines.length).toBeLessThan(1100);
  const first = Number(lines[0]?.split(' ')[1]);
  expect(lines).toEqual(Array.from({ length: lines.length }, (_, index) => `line ${first + index}`));
});

test('rename, update and the limits of a running container', async () => {
  await start('before', forever, '-m', '64m');
  await sandbox.mydocker(['rename', 'before', 'after']);
  await sandbox.mydocker(['update', '--memory', '96m', '--restart', 'always', 'after']);
  expect(await sandbox.mydocker(['inspect', '-f', '{{.HostConfig.Memory}} {{.HostConfig.RestartPolicy.Name}}', 'after'])).toBe(
    '100663296 always',
  );
  expect(
    await sandbox.mydocker([
      'exec',
      'after',
      'sh',
      '-c',
      'cat /sys/fs/cgroup/memory/memory.limit_in_bytes 2>/dev/null || cat /sys/fs/cgroup/memory.max',
    ]),
  ).toBe('100663296');
  expect((await sandbox.tryMydocker(['inspect', 'before'])).status).toBe(1);
});

test('a name is free again when its container is gone, and taken while it is not', async () => {
  await start('only', 'true');
  expect((await sandbox.tryMydocker(['create', '--name', 'only', 'busybox'])).stderr).toContain('"only" is already in use');
  await sandbox.mydocker(['rm', '-f', 'only']);
  await sandbox.mydocker(['create', '--name', 'only', 'busybox']);
});

test('a running container is removed by force alone', async () => {
  await start('runs', forever);
  expect((await sandbox.tryMydocker(['rm', 'runs'])).status).toBe(1);
  await sandbox.mydocker(['rm', '-f', 'runs']);
  expect(await sandbox.mydocker(['ps', '-aq'])).toBe('');
});

test('a supervisor that is killed takes its container along; the next command says so and clears up', async () => {
  await start('orphan', forever);
  const supervisor = (await sandbox.stateOf('orphan')).supervisor.pid;
  process.kill(supervisor, 'SIGKILL');
  await until('the end is seen', async () => (await state('orphan', 'Status')) === 'exited');
  expect(await state('orphan', 'ExitCode')).toBe('137');
  await sandbox.mydocker(['start', 'orphan']);
  expect(await sandbox.mydocker(['exec', 'orphan', 'echo', 'back'])).toBe('back');
});

test('a limit that changes between two runs holds from the next one on', async () => {
  await start('failing', 'cat /sys/fs/cgroup/memory/memory.limit_in_bytes /sys/fs/cgroup/memory.max 2>/dev/null', '--restart', 'always');
  await until('it waits for a restart', async () => Number(await sandbox.mydocker(['inspect', '-f', '{{.RestartCount}}', 'failing'])) >= 3);
  await until('it does not run', async () => (await state('failing', 'Status')) === 'restarting');
  await sandbox.mydocker(['update', '--memory', '64m', '--memory-swap', '64m', 'failing']);
  await until('it has the limit', async () => (await sandbox.mydocker(['logs', 'failing'])).endsWith(String(64 * 2 ** 20)));
});

test('exec: environment, user, directory, exit status, and nothing of the host’s descriptors', async () => {
  await start('c1', forever, '-e', 'A=1');
  expect(
    await sandbox.mydocker(['exec', '-e', 'B=2', '-u', '7:8', '-w', '/bin', 'c1', 'sh', '-c', 'echo $A $B $(id -u):$(id -g) $PWD']),
  ).toBe('1 2 7:8 /bin');
  expect((await sandbox.tryMydocker(['exec', 'c1', 'sh', '-c', 'exit 9'])).status).toBe(9);
  expect((await sandbox.tryMydocker(['exec', 'c1', 'nope'])).status).toBe(127);
  expect(await sandbox.mydocker(['exec', 'c1', 'sh', '-c', 'ls /proc/$$/fd; true'])).toBe('0\n1\n2');
  expect((await sandbox.tryMydocker(['exec', '-i', 'c1', 'cat'], { input: 'in' })).stdout).toBe('in');
});

test('the first command after a reboot finds what ran as ended', async () => {
  await sandbox.mydocker(['run', '-d', '--network', 'none', '--name', 'before', 'busybox', 'sleep', '1d']);
  const { supervisor } = await sandbox.stateOf('before');
  process.kill(supervisor.pid, 'SIGKILL');
  // A reboot empties the run root.
  rmSync(join(sandbox.runRoot, 'containers'), { recursive: true });
  expect(await sandbox.mydocker(['ps', '-a', '--format', '{{.Names}} {{.State}}'])).toBe('before exited');
});
