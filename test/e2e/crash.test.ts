import { beforeEach, expect, test } from 'bun:test';
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { lstatSync, readFileSync, readdirSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { coreProcesses } from '../helpers/processes.ts';
import { executables, useSandbox } from '../helpers/sandbox.ts';

/** kill -9 at random moments. CRASH_SEED repeats a run, CRASH_ROUNDS makes it longer or shorter. */
const seed = Number(process.env['CRASH_SEED'] ?? Date.now() % 1_000_000);
const rounds = Number(process.env['CRASH_ROUNDS'] ?? 70);
const sandbox = useSandbox();
const victims = ['cli', 'core', 'supervisor'] as const;
type Victim = (typeof victims)[number];

let state = seed;
/** A linear congruential generator: the same seed gives the same moments. */
function random(): number {
  state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32;
  return state / 2 ** 32;
}

/** Starts a command, kills the victim after the delay (if it is there by then), and waits for the command's end. */
async function killDuring(program: string, args: readonly string[], victim: Victim, delay: number): Promise<void> {
  const child = spawn(program, args, { cwd: sandbox.directory, env: { ...process.env, ...sandbox.env }, stdio: 'ignore' });
  const ended = new Promise<void>((resolve) => child.on('close', () => resolve()));
  await Promise.race([new Promise((resolve) => setTimeout(resolve, delay)), ended]);
  if (victim === 'cli') child.kill('SIGKILL');
  else {
    const targets = coreProcesses(sandbox).filter(({ role }) => (role === 'serve') === (victim === 'core'));
    const target = targets[Math.floor(random() * targets.length)];
    try {
      if (target !== undefined) process.kill(target.pid, 'SIGKILL');
    } catch {
      // it ended in between
    }
  }
  await ended;
}

/** One random moment after another; a failure says which one it was. */
async function eachMoment(
  count: number,
  kinds: readonly Victim[],
  typical: number,
  round: (victim: Victim, delay: number) => Promise<void>,
): Promise<void> {
  for (let index = 0; index < count; index++) {
    const victim = kinds[index % kinds.length]!;
    const delay = random() * typical * 1.1;
    try {
      await round(victim, delay);
    } catch (error) {
      throw new Error(`CRASH_SEED=${seed}, round ${index}: killed the ${victim} after ${delay.toFixed(1)} ms\n${String(error)}`, {
        cause: error,
      });
    }
  }
}

async function duration(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

/** Names, kinds, owners, modes and bytes of a tree. */
function fingerprint(folder: string): string {
  const hash = createHash('sha256');
  const walk = (path: string): void => {
    const { mode, uid, gid, size, mtimeMs } = lstatSync(path);
    hash.update(`${path} ${mode} ${uid} ${gid} ${size} ${mtimeMs}\n`);
    if ((mode & 0o170000) === 0o040000) for (const name of readdirSync(path).sort()) walk(join(path, name));
    else if ((mode & 0o170000) === 0o120000) hash.update(readlinkSync(path));
    else hash.update(readFileSync(path));
  };
  walk(folder);
  return hash.digest('hex');
}

const project = `
name: crash
services:
  one: {image: busybox, command: [sleep, "1000"], init: true, volumes: ["data:/data"]}
  two: {image: busybox, command: [sleep, "1000"], init: true, volumes: ["data:/data:ro"], depends_on: [one]}
  three: {image: busybox, command: [sleep, "1000"], init: true, restart: always}
volumes:
  data:
`;
const up = (): Promise<string> => sandbox.compose(['up', '-d', '-t', '1']);
const down = (): Promise<string> => sandbox.compose(['down', '-t', '1']);

/** The volume as every later moment must find it. */
async function fillVolume(): Promise<{ folder: string; expected: string }> {
  await up();
  const fill =
    'mkdir -p /data/a/b; seq 1 20000 > /data/a/numbers; ln -s numbers /data/a/link; chown -R 1000:50 /data/a; chmod 640 /data/a/numbers; mkfifo /data/fifo; rm /data/fifo';
  await sandbox.compose(['exec', '-T', 'one', 'sh', '-c', fill]);
  await down();
  const folder = await sandbox.mydocker(['volume', 'inspect', '-f', '{{.Mountpoint}}', 'crash_data']);
  return { folder, expected: fingerprint(folder) };
}

beforeEach(() => {
  console.log(`crash test: CRASH_SEED=${seed}`);
  state = seed;
  sandbox.write('compose.yaml', project);
});

test('kill -9 during up: the next up converges, the volume is untouched, down leaves nothing', async () => {
  const { folder, expected } = await fillVolume();
  const typical = await duration(up);
  await down();
  await eachMoment(rounds, victims, typical, async (victim, delay) => {
    await killDuring(executables.compose, ['up', '-d'], victim, delay);
    await up();
    expect((await sandbox.compose(['ps', '-q', '--status', 'running'])).split('\n')).toHaveLength(3);
    await down();
    await sandbox.expectNothingLeft();
    expect(fingerprint(folder)).toBe(expected);
  });
  await sandbox.compose(['down', '--volumes']);
}, 600_000);

test('kill -9 during down: the next down ends it, the volume is untouched, nothing is left', async () => {
  const { folder, expected } = await fillVolume();
  await up();
  const typical = await duration(down);
  await eachMoment(rounds, victims, typical, async (victim, delay) => {
    await up();
    await killDuring(executables.compose, ['down', '-t', '1'], victim, delay);
    await down();
    await sandbox.expectNothingLeft();
    expect(await sandbox.mydocker(['ps', '-aq'])).toBe('');
    expect(fingerprint(folder)).toBe(expected);
  });
  await sandbox.compose(['down', '--volumes']);
}, 600_000);

test('kill -9 during commit: no half-made image, the next commit works', async () => {
  await sandbox.mydocker([
    'run',
    '--network',
    'none',
    '--name',
    'source',
    'busybox',
    'sh',
    '-c',
    'mkdir /own; for i in $(seq 1 200); do seq 1 500 > /own/$i; done',
  ]);
  const commit = (): Promise<string> => sandbox.mydocker(['commit', 'source', 'committed:latest']);
  const typical = await duration(commit);
  await sandbox.mydocker(['rmi', 'committed:latest']);
  const files = countFiles(sandbox.dataRoot);
  await eachMoment(Math.ceil(rounds / 2), ['cli', 'core'], typical, async (victim, delay) => {
    await killDuring(executables.mydocker, ['commit', 'source', 'committed:latest'], victim, delay);
    await commit();
    expect(await sandbox.mydocker(['run', '--rm', '--network', 'none', 'committed:latest', 'sh', '-c', 'cat /own/* | md5sum'])).toBe(
      await sandbox.mydocker([
        'run',
        '--rm',
        '--network',
        'none',
        'committed:latest',
        'sh',
        '-c',
        'for i in $(ls /own); do seq 1 500; done | md5sum',
      ]),
    );
    await sandbox.mydocker(['rmi', '-f', 'committed:latest']);
  });
  await sandbox.mydocker(['image', 'prune', '-f']);
  expect(countFiles(sandbox.dataRoot) - files).toBeLessThan(10);
}, 600_000);

test('kill -9 during load: no half-registered image, the next load works', async () => {
  const archive = join(sandbox.directory, 'image.tar');
  await sandbox.mydocker(['tag', 'busybox', 'loaded:latest']);
  await sandbox.mydocker(['save', '-o', archive, 'loaded:latest']);
  await sandbox.mydocker(['rmi', '-f', 'loaded:latest', 'busybox:latest']);
  const load = (): Promise<string> => sandbox.mydocker(['load', '-i', archive]);
  const typical = await duration(load);
  await sandbox.mydocker(['rmi', 'loaded:latest']);
  const files = countFiles(sandbox.dataRoot);
  await eachMoment(Math.ceil(rounds / 2), ['cli', 'core'], typical, async (victim, delay) => {
    await killDuring(executables.mydocker, ['load', '-i', archive], victim, delay);
    const listed = await sandbox.mydocker(['images', '-q', 'loaded']);
    // Either it is not there at all, or it is whole.
    if (listed !== '') expect(await sandbox.mydocker(['run', '--rm', '--network', 'none', 'loaded', 'echo', 'whole'])).toBe('whole');
    await load();
    expect(await sandbox.mydocker(['run', '--rm', '--network', 'none', 'loaded', 'echo', 'whole'])).toBe('whole');
    await sandbox.mydocker(['rmi', '-f', 'loaded:latest']);
  });
  await sandbox.mydocker(['image', 'prune', '-f']);
  expect(countFiles(sandbox.dataRoot) - files).toBeLessThan(10);
  await sandbox.importBusybox();
}, 600_000);

function countFiles(folder: string): number {
  return readdirSync(folder, { recursive: true }).length;
}
