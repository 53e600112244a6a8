import { afterAll, expect, test } from 'bun:test';
import { copyFileSync, existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crowdVerbs, CROWD_PROJECT, PROJECTS } from '../helpers/crowd-commands.ts';
import { FILL, fingerprint } from '../helpers/crash.ts';
import { startMemoryRegistry } from '../helpers/memory-registry.ts';
import { rootfsTar } from '../helpers/rootfs-tar.ts';
import { useSandbox } from '../helpers/sandbox.ts';
import { Crowd, Dice, type CrowdCommand } from '../helpers/side-by-side.ts';
import { tarArchive } from '../helpers/tar-archive.ts';

/** CROWD_SEED repeats the choices (not their timing); CROWD_ONLY leaves out what does not match; a long run: CROWD_COMMANDS=2000. */
const seed = Number(process.env['CROWD_SEED'] ?? Date.now() % 1_000_000);
const only = new RegExp(process.env['CROWD_ONLY'] ?? '');
const size = {
  commands: Number(process.env['CROWD_COMMANDS'] ?? 100),
  members: Number(process.env['CROWD_MEMBERS'] ?? 6),
  killed: Number(process.env['CROWD_KILLED'] ?? 0.05),
};

const sandbox = useSandbox();
const registry = await startMemoryRegistry();
afterAll(() => registry.close());
const remote = `${registry.address}/team/app:1`;

/** `content` tells the layers from those of other images. */
async function prepare(content = 'remote'): Promise<void> {
  const members = [
    { name: 'hello', content: 'hello' },
    { name: 'big', content: 'x'.repeat(500_000) },
  ];
  writeFileSync(join(sandbox.directory, 'rootfs.tar'), tarArchive(members));
  copyFileSync(await rootfsTar('busybox'), join(sandbox.directory, 'busybox.tar'));
  sandbox.write('compose.yaml', CROWD_PROJECT);
  sandbox.write('Dockerfile', 'FROM busybox\nARG N=0\nRUN echo $N > /made\nCOPY rootfs.tar /files/\n');
  await sandbox.mydocker(['build', '-q', '-t', remote, '--build-arg', `N=${content}`, '.']);
  await sandbox.mydocker(['push', '-q', remote]);
  await sandbox.mydocker(['save', '-o', 'in.tar', remote]);
}

test('commands side by side succeed or say honestly why not, and lose nothing', async () => {
  console.log(`side by side: CROWD_SEED=${seed}`);
  await prepare();
  await sandbox.mydocker(['run', '--rm', '--network', 'none', '-v', 'journal:/data', 'busybox', 'sh', '-c', FILL]);
  const journal = await sandbox.mydocker(['volume', 'inspect', '-f', '{{.Mountpoint}}', 'journal']);
  const before = fingerprint(join(journal, 'a'));
  const written: string[] = [];
  const verbs = crowdVerbs(remote, (line) => written.push(line));
  const crowd = new Crowd(sandbox, new Dice(seed));

  const complaints = await crowd.run(size, (dice, number) => {
    for (;;) {
      const command: CrowdCommand = dice.pick(verbs)(dice, number);
      if (only.test(command.words.join(' '))) return command;
    }
  });

  if (process.env['CROWD_COMMANDS'] !== undefined) console.log(crowd.counts());
  expect(complaints).toEqual([]);
  expect(fingerprint(join(journal, 'a'))).toBe(before);
  const lines = existsSync(join(journal, 'lines')) ? readFileSync(join(journal, 'lines'), 'utf8').split('\n') : [];
  expect(written.filter((line) => !lines.includes(line))).toEqual([]);
  const names = (await sandbox.mydocker(['ps', '-a', '--format', '{{.Names}}'])).split('\n');
  expect([...new Set(names)]).toEqual(names);
  await expectWholeImages();
  for (const project of PROJECTS) {
    await sandbox.compose(['-p', project, 'up', '-d', '-t', '1']);
    await sandbox.compose(['-p', project, 'down', '-t', '1', '--volumes']);
  }
  await expectNoLitter();
}, 3_600_000);

/** Each image that is listed has all its layers and archives. */
async function expectWholeImages(): Promise<void> {
  const ids = new Set((await sandbox.mydocker(['images', '-a', '-q', '--no-trunc'])).split('\n'));
  for (const id of ids) {
    await sandbox.mydocker(['create', '--name', 'whole', id, 'true']);
    await sandbox.mydocker(['export', '-o', '/dev/null', 'whole']);
    await sandbox.mydocker(['rm', 'whole']);
    await sandbox.mydocker(['save', '-o', '/dev/null', id]);
  }
}

/** What was being made or removed is gone, also what killed commands left. */
async function expectNoLitter(): Promise<void> {
  await sandbox.removeContainers();
  await sandbox.mydocker(['system', 'prune', '-f', '--volumes']);
  const listed = ['tmp', 'trash', 'containers', 'names/containers', 'volumes'].flatMap((folder) =>
    readdirSync(join(sandbox.dataRoot, folder)).map((name) => `${folder}/${name}`),
  );
  const litter = listed.filter((path) => !/^volumes\/\w/.test(path));
  expect(litter).toEqual([]);
}

/** This process, as records name who works at something. */
function ownIdentity(): { readonly pid: number; readonly start: string } {
  const stat = readFileSync('/proc/self/stat', 'utf8');
  return { pid: process.pid, start: stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '' };
}

test('the volumes of a container that is being made are in use', async () => {
  await sandbox.mydocker(['create', '--name', 'made', '-v', 'named:/named', '-v', '/anonymous', 'busybox', 'true']);
  const id = await sandbox.mydocker(['inspect', '-f', '{{.Id}}', 'made']);
  const anonymous = await sandbox.mydocker(['volume', 'ls', '-q', '--filter', 'dangling=false']);
  const { pid, start } = ownIdentity();
  const folder = join(sandbox.dataRoot, 'containers', id);
  const unfinished = join(sandbox.dataRoot, 'containers', `.new-${id}.${pid}.${start}`);
  renameSync(folder, unfinished);
  await sandbox.mydocker(['volume', 'prune', '-f', '--all']);
  expect((await sandbox.tryMydocker(['volume', 'rm', 'named'])).stderr).toContain('volume named is in use by made');
  expect(await sandbox.mydocker(['volume', 'ls', '-q'])).toBe(anonymous);
  renameSync(unfinished, folder);
});

test('what a killed command was making goes, its name too', async () => {
  await sandbox.mydocker(['create', '--name', 'half', 'busybox', 'true']);
  await sandbox.mydocker(['create', '--name', 'whole', 'busybox', 'true']);
  const id = await sandbox.mydocker(['inspect', '-f', '{{.Id}}', 'half']);
  const containers = join(sandbox.dataRoot, 'containers');
  renameSync(join(containers, id), join(containers, `.new-${id}.${ownIdentity().pid}.1`));
  await sandbox.mydocker(['rm', 'whole']);
  expect(readdirSync(containers)).toEqual([]);
  expect(readdirSync(join(sandbox.dataRoot, 'names/containers'))).toEqual([]);
});

test('a container that cannot be made leaves nothing', async () => {
  await sandbox.mydocker(['create', '--name', 'taken', 'busybox', 'true']);
  expect((await sandbox.tryMydocker(['create', '--name', 'taken', 'busybox', 'true'])).stderr).toContain('already in use');
  expect(readdirSync(join(sandbox.dataRoot, 'containers'))).toHaveLength(1);
});

test('what a command goes on from is not removed under it', async () => {
  await prepare('of no other image');
  const layer = await sandbox.mydocker(['image', 'inspect', '-f', '{{index .RootFS.Layers 1}}', remote]);
  const { pid, start } = ownIdentity();
  const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').slice(0, 8);
  const staging = join(sandbox.dataRoot, 'tmp', `image-${pid}-${start}-${boot}-00000000`);
  mkdirSync(staging);
  writeFileSync(join(staging, 'in-use'), `${layer}\n`);
  await sandbox.mydocker(['rmi', remote]);
  expect(existsSync(join(sandbox.dataRoot, 'layers', layer.slice(7)))).toBe(true);
  await sandbox.mydocker(['load', '-i', 'in.tar']);
  renameSync(staging, join(sandbox.root, 'ended'));
  await sandbox.mydocker(['rmi', remote]);
  expect(existsSync(join(sandbox.dataRoot, 'layers', layer.slice(7)))).toBe(false);
});

test('a layer that a killed removal had moved away comes back to the container that needs it', async () => {
  await prepare();
  const layer = (await sandbox.mydocker(['image', 'inspect', '-f', '{{index .RootFS.Layers 1}}', remote])).slice(7);
  await sandbox.mydocker(['create', '--name', 'user', remote, 'cat', '/made']);
  await sandbox.mydocker(['rmi', '-f', remote]);
  const away = join(sandbox.dataRoot, 'tmp', 'garbage-0123456789abcdef');
  mkdirSync(join(away, 'layers'), { recursive: true });
  for (const name of [layer, `${layer}.json`]) renameSync(join(sandbox.dataRoot, 'layers', name), join(away, 'layers', name));
  await sandbox.mydocker(['image', 'prune', '-f']);
  expect(await sandbox.mydocker(['start', '-a', 'user'])).toBe('remote');
  expect(existsSync(away)).toBe(false);
});

test('a network is in use from the moment a start has an address of it', async () => {
  await sandbox.mydocker(['network', 'create', 'lan']);
  await sandbox.mydocker(['create', '--name', 'starting', '--network', 'lan', 'busybox', 'true']);
  const network = await sandbox.mydocker(['network', 'inspect', '-f', '{{.Id}}', 'lan']);
  const container = await sandbox.mydocker(['inspect', '-f', '{{.Id}}', 'starting']);
  const { pid, start } = ownIdentity();
  const claims = join(sandbox.runRoot, 'network', network, 'ip');
  mkdirSync(claims, { recursive: true });
  symlinkSync(`${pid} ${start} ${container} `, join(claims, '10.1.2.3'));
  expect((await sandbox.tryMydocker(['network', 'rm', 'lan'])).stderr).toContain('network lan is in use by starting');
  rmSync(join(sandbox.runRoot, 'network', network), { recursive: true });
  await sandbox.mydocker(['network', 'rm', 'lan']);
});

test('a container of a build that goes on is not pruned', async () => {
  const { pid, start } = ownIdentity();
  await sandbox.mydocker(['create', '--name', 'step', '--label', `io.mydocker.builder=${pid} ${start}`, 'busybox', 'true']);
  await sandbox.mydocker(['create', '--name', 'killed', '--label', 'io.mydocker.builder=999999999 1', 'busybox', 'true']);
  await sandbox.mydocker(['container', 'prune', '-f']);
  expect(await sandbox.mydocker(['ps', '-a', '--format', '{{.Names}}'])).toBe('step');
});
