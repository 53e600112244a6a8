import { createHash } from 'node:crypto';
import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'bun:test';
import { useSandbox } from '../helpers/sandbox.ts';

const sandbox = useSandbox();

const IDLE = `image: busybox, init: true, stop_grace_period: 1s, command: sleep 1d`;

/** Every file below a folder with its content and owner; locks aside, which come into being by looking. */
function tree(root: string, path = ''): readonly string[] {
  return readdirSync(join(root, path))
    .sort()
    .flatMap((name) => {
      const below = join(path, name);
      const full = join(root, below);
      const status = lstatSync(full);
      const about = `${below} ${String(status.mode)} ${String(status.uid)}`;
      // Files to lock, and what was loaded: neither says anything of the project.
      if (below === 'locks' || below === 'loads') return [];
      if (status.isDirectory()) return [about, ...tree(root, below)];
      if (status.isSymbolicLink()) return [`${about} -> ${readlinkSync(full)}`];
      return [`${about} ${status.isFile() ? createHash('sha256').update(readFileSync(full)).digest('hex') : ''}`];
    });
}

const CHANGES: readonly (readonly [args: readonly string[], says: RegExp])[] = [
  [['up', '-d'], /Container demo-a-1.*Recreate/],
  [['up', '-d', '--force-recreate', '--scale', 'b=2', '-V'], /demo-b-2/],
  [['create', '--force-recreate'], /demo-b-1.*Recreate/],
  [['down', '-v', '--rmi', 'all'], /Volume demo_data/],
  [['stop'], /demo-a-1/],
  [['start'], /demo-c-1/],
  [['restart'], /demo-a-1/],
  [['kill'], /demo-a-1/],
  [['pause'], /demo-a-1/],
  [['rm', '-f', '-s', '-v'], /demo-a-1/],
  [['scale', 'b=3'], /demo-b-3/],
  [['rollback'], /demo-a-1/],
  [['rename', 'demo', 'other'], /demo_data/],
  [['run', '--rm', '-T', 'b', 'touch', '/data/x'], /^/],
  [['pull'], /^/],
  [['build'], /^/],
];

test('a dry run of every command that changes something says what it would do and changes nothing at all', async () => {
  const file = (value: string): string =>
    sandbox.write(
      'compose.yaml',
      `name: demo\nservices: {a: {${IDLE}, environment: {V: "${value}"}}, b: {${IDLE}, volumes: ["data:/data"]}, c: {${IDLE}}}\nvolumes: {data: }\n`,
    );
  file('1');
  await sandbox.compose(['up', '-d']);
  file('2');
  await sandbox.compose(['up', '-d']);
  await sandbox.compose(['stop', 'c']);
  file('3');
  const look = (): readonly string[] => [...tree(sandbox.dataRoot), ...tree(sandbox.runRoot)];
  const before = look();
  for (const [args, says] of CHANGES) {
    const { status, stdout, stderr } = await sandbox.tryCompose(['--dry-run', ...args]);
    expect([args, status]).toEqual([args, 0]);
    expect([args, stdout + stderr]).toEqual([args, expect.stringMatching(says)]);
    expect([args, look()]).toEqual([args, before]);
  }
  await sandbox.compose(['down', '-v']);
}, 60_000);

test('a rollback brings back the model and the very images of a revision, and plan on nothing is everything', async () => {
  const image = async (text: string): Promise<void> => {
    await sandbox.mydocker(['run', '--name', 'maker', 'busybox', 'sh', '-c', `echo ${text} > /version`]);
    await sandbox.mydocker(['commit', 'maker', 'app:latest']);
    await sandbox.mydocker(['rm', 'maker']);
  };
  const version = (): Promise<string> => sandbox.compose(['exec', '-T', 'a', 'sh', '-c', 'cat /version; echo $V; cat /run/secrets/s']);
  const file = (value: string): string =>
    sandbox.write(
      'compose.yaml',
      `name: demo\nservices: {a: {${IDLE.replace('busybox', 'app')}, environment: {V: "${value}"}, secrets: [s]}}\nsecrets: {s: {environment: SECRET}}\n`,
    );
  const env = { SECRET: 'hush' };
  await image('one');
  file('1');
  expect((await sandbox.compose(['plan'], { env })).split('\n')).toEqual([
    'create network demo_default (not there)',
    'create container demo-a-1 (not there)',
    'start container demo-a-1 (new)',
  ]);
  await sandbox.compose(['up', '-d'], { env });
  await image('two');
  file('2');
  await sandbox.compose(['up', '-d'], { env });
  expect(await version()).toBe('two\n2\nhush');
  sandbox.write('compose.yaml', `name: demo\nservices: {a: {${IDLE}}}\n`);
  const unset = await sandbox.tryCompose(['rollback']);
  expect([unset.status, unset.stderr]).toEqual([1, expect.stringContaining('secrets.s: the variable SECRET is not set')]);
  file('2');
  await sandbox.compose(['rollback'], { env });
  expect(await version()).toBe('one\n1\nhush');
  expect(await sandbox.compose(['history', '--format', '{{.Revision}} {{.Changes}}'], { env })).toContain('services.a.environment.V');
  await sandbox.compose(['rollback', '--to', '2'], { env });
  expect(await version()).toBe('two\n2\nhush');
  await sandbox.compose(['down'], { env });
});
