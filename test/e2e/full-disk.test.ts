import { expect, test } from 'bun:test';
import { mkdirSync, readFileSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { rootfsTar } from '../helpers/rootfs-tar.ts';
import { expectSuccess, run, type RunResult } from '../helpers/run.ts';
import { executables, useSandbox } from '../helpers/sandbox.ts';

/** A data root whose disk is full, and one that cannot be written: each command says so, and loses nothing. */
const sandbox = useSandbox();
const disk = join(sandbox.root, 'disk');
const env = { ...sandbox.env, MYDOCKER_DATA_ROOT: disk, PATH: `${dirname(executables.core)}:${process.env['PATH'] ?? ''}` };
const shell = (script: string): Promise<RunResult> => run('sh', ['-ec', script], { cwd: sandbox.directory, env });

const FILE = `name: demo
services:
  a: {image: busybox, init: true, stop_grace_period: 0s, command: [sleep, "1000"], volumes: ["own:/own", "keep:/data"]}
  b: {image: built, build: {dockerfile_inline: "FROM busybox\\nRUN seq 1 300000 > /numbers\\n"}, profiles: [built]}
volumes: {own: , keep: {external: true}}
`;

async function mountDisk(): Promise<void> {
  mkdirSync(disk);
  expectSuccess(await run('mount', ['-t', 'tmpfs', '-o', 'size=64m,mode=700', 'tmpfs', disk]));
  sandbox.afterTest(async () => {
    await shell('mydocker ps -aq | xargs -r mydocker rm -f -v; mydocker network prune -f');
    expectSuccess(await run('umount', ['-l', disk]));
    rmSync(disk, { recursive: true });
  });
  sandbox.write('compose.yaml', FILE);
  writeFileSync(join(sandbox.directory, 'big'), new Uint8Array(3_000_000).fill(7));
  expectSuccess(await shell(`mydocker import ${await rootfsTar('busybox')} busybox; tar cf big.tar big`));
  expectSuccess(await shell('mydocker import big.tar kept:1; mydocker save -o kept.tar kept:1; mydocker rmi kept:1'));
  expectSuccess(await shell("mydocker run --rm --network none -v keep:/data busybox sh -c 'seq 1 9999 > /data/n'"));
}

/** Fills the disk but for some kilobytes. */
function fill(left: number): () => void {
  const filler = join(disk, 'filler');
  const { bavail, bsize } = statfsSync(disk);
  writeFileSync(filler, new Uint8Array(Math.max(0, bavail * bsize - left * 1024)));
  return () => rmSync(filler);
}

const kept = (): string => readFileSync(join(disk, 'volumes/keep/_data/n'), 'utf8');
const RESET = `mydocker-compose down -t 0 -v; mydocker ps -aq | xargs -r mydocker rm -f -v
mydocker volume ls -q | grep -vx keep | xargs -r mydocker volume rm; mydocker volume trash ls -q | xargs -r mydocker volume trash empty -f
mydocker images --format '{{.Repository}}:{{.Tag}}' | grep -vx busybox:latest | xargs -r mydocker rmi -f
mydocker network prune -f; mydocker image prune -f; rm -rf $MYDOCKER_DATA_ROOT/builds/*`;
const BOX = 'mydocker run -d --init --network none --name box busybox sleep 1000';
const UP = 'mydocker-compose up -d -t 0';

/** The command, what it needs before, and what shows afterwards that it was done. */
const commands: readonly (readonly [command: string, before?: string, after?: string])[] = [
  [BOX, ':', 'mydocker exec box true'],
  ['mydocker run --rm --network none -v own:/bin busybox true', ':', 'mydocker run --rm --network none -v own:/o busybox ls /o/busybox'],
  ['mydocker commit box made:1', `${BOX}; mydocker cp big box:/`, 'mydocker run --rm --network none made:1 ls /big'],
  ['mydocker import big.tar made:1', ':', 'mydocker image inspect made:1'],
  ['mydocker load -i kept.tar', ':', 'mydocker image inspect kept:1'],
  ['mydocker tag busybox made:1', ':', 'mydocker image inspect made:1'],
  ['mydocker volume create made', ':', 'mydocker volume inspect made'],
  ['mydocker network create made', ':', 'mydocker network inspect made'],
  ['mydocker cp big box:/', BOX, 'mydocker exec box ls /big'],
  ['mydocker rename box other', BOX, 'mydocker exec other true'],
  [UP, ':', 'mydocker-compose exec -T a true'],
  [`${UP} --force-recreate`, UP, 'mydocker-compose exec -T a true'],
  ['mydocker-compose --profile built build', ':', 'mydocker run --rm --network none built ls /numbers'],
  ['mydocker-compose rename demo other', UP, 'mydocker-compose -p other exec -T a true; mydocker-compose -p other down -v'],
];
/** What takes away, or only looks, works on a full disk as well. */
const unimpeded: readonly (readonly [command: string, before: string])[] = [
  ['mydocker rm -f box', BOX],
  ['mydocker volume rm own', 'mydocker volume create own'],
  ['mydocker-compose exec -T a cat /data/n', UP],
  ['mydocker-compose stop -t 0', UP],
  ['mydocker-compose down', UP],
  ['mydocker-compose down -v', UP],
];

test('a full disk is told by every command that writes, nothing is lost, and with space again it does its work', async () => {
  await mountDisk();
  const before = kept();
  for (const [command, needs = ':', after = ':'] of commands) {
    for (const left of [BOX, UP].includes(command) ? [0, 24] : [0]) {
      expectSuccess(await shell(needs));
      const free = fill(left);
      const { status, stderr } = await shell(command);
      const listed = await shell('mydocker ps -a; mydocker images; mydocker volume ls; mydocker network ls; mydocker-compose ls -a');
      free();
      if (status !== 0) expect([command, left, stderr]).toEqual([command, left, expect.stringMatching(/no space left|ENOSPC/) as string]);
      else expect([command, left]).toEqual([command, 24]);
      expect([command, listed.status, listed.stderr]).toEqual([command, 0, '']);
      if (status !== 0) {
        // A container that was made and could not be started stays, as with Docker.
        if (command === BOX) await shell('mydocker rm -f box');
        expectSuccess(await shell(command));
      }
      expectSuccess(await shell(after));
      expectSuccess(await shell(RESET));
      expect(kept()).toBe(before);
    }
  }
  for (const [command, needs] of unimpeded) {
    expectSuccess(await shell(needs));
    const free = fill(0);
    expectSuccess(await shell(command));
    free();
    expectSuccess(await shell(RESET));
    expect(kept()).toBe(before);
  }
}, 300_000);

test('a data root that cannot be written is told as such; what runs goes on', async () => {
  await mountDisk();
  expectSuccess(await shell(UP));
  expectSuccess(await shell('mount --bind $MYDOCKER_DATA_ROOT $MYDOCKER_DATA_ROOT; mount -o remount,bind,ro $MYDOCKER_DATA_ROOT'));
  for (const command of [
    BOX,
    'mydocker volume create made',
    'mydocker commit demo-a-1 made',
    `${UP} --force-recreate`,
    'mydocker-compose down',
  ]) {
    const { status, stderr } = await shell(command);
    expect([command, stderr]).toEqual([command, expect.stringMatching(/read-only|EROFS/) as string]);
    expect([command, status === 0, stderr.includes('unexpected')]).toEqual([command, false, false]);
  }
  expect((await shell('mydocker-compose exec -T a tail -n 1 /data/n')).stdout).toBe('9999\n');
  expectSuccess(await run('umount', ['-l', disk]));
  expectSuccess(await shell(`${UP} --force-recreate; mydocker-compose down`));
}, 60_000);

test('too few open files are told as such, and leave nothing half-done', async () => {
  sandbox.write('compose.yaml', 'name: demo\nservices: {a: {image: busybox, init: true, command: [sleep, "1000"]}}\n');
  for (let files = 10; files <= 40; files += 3) {
    const { status, stderr } = await run('sh', ['-c', `ulimit -n ${String(files)}; exec ${executables.compose} up -d`], {
      cwd: sandbox.directory,
      env: sandbox.env,
    });
    const told = status === 0 || /EMFILE|too many open files|Too few files/.test(stderr);
    expect([files, told, stderr.includes('unexpected'), stderr]).toEqual([files, true, false, stderr]);
    await sandbox.compose(['up', '-d']);
    await sandbox.compose(['down', '-t', '0']);
  }
}, 60_000);
