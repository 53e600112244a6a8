import { beforeEach, expect, test } from 'bun:test';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { crashRounds, crashSeed, FILL, fingerprint, killDuring, randomFrom, type Victim } from '../helpers/crash.ts';
import { executables, useSandbox } from '../helpers/sandbox.ts';

const rounds = crashRounds(30);
const sandbox = useSandbox();
const victims = ['cli', 'core', 'supervisor'] as const;
let random = randomFrom(crashSeed);

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
      throw new Error(`CRASH_SEED=${crashSeed}, round ${index}: killed the ${victim} after ${delay.toFixed(1)} ms\n${String(error)}`, {
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
  await sandbox.compose(['exec', '-T', 'one', 'sh', '-c', FILL]);
  await down();
  const folder = await sandbox.mydocker(['volume', 'inspect', '-f', '{{.Mountpoint}}', 'crash_data']);
  return { folder, expected: fingerprint(folder) };
}

beforeEach(() => {
  console.log(`crash test: CRASH_SEED=${crashSeed}`);
  random = randomFrom(crashSeed);
  sandbox.write('compose.yaml', project);
});

test('kill -9 during up: the next up converges, the volume is untouched, down leaves nothing', async () => {
  const { folder, expected } = await fillVolume();
  const typical = await duration(up);
  await down();
  await eachMoment(rounds, victims, typical, async (victim, delay) => {
    await killDuring(sandbox, executables.compose, ['up', '-d'], { victim, delay, choice: random() });
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
    await killDuring(sandbox, executables.compose, ['down', '-t', '1'], { victim, delay, choice: random() });
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
    await killDuring(sandbox, executables.mydocker, ['commit', 'source', 'committed:latest'], { victim, delay, choice: random() });
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
    await killDuring(sandbox, executables.mydocker, ['load', '-i', archive], { victim, delay, choice: random() });
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
