import { afterAll, beforeAll, expect, test } from 'bun:test';
import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { buildProgram } from '../helpers/build-program.ts';
import { randomTree, treeScript, type RandomTree, type TreeStep } from '../helpers/random-tree.ts';
import { expectSuccess, run } from '../helpers/run.ts';
import { Sandbox, useSandbox } from '../helpers/sandbox.ts';
import {
  describeEntry,
  isBelow,
  lines,
  listFolder,
  parseListing,
  subtree,
  without,
  type ListedEntry,
  type Lossy,
  type TreeListing,
} from '../helpers/tree-listing.ts';

/**
 * Random trees in an image, changed at random in a container with a volume and a bind in the middle of them: what `diff`, `commit`,
 * `export`, `import`, `save`, `load` and `cp` make of them is compared with what the container saw. Reading, writing and listing on
 * the other side are GNU tar's and a program's that shares no code with the product. PROPERTY_RUNS and PROPERTY_SEED as elsewhere.
 */
const runs = Number(process.env['PROPERTY_RUNS'] ?? 4);
const seed = process.env['PROPERTY_SEED'];
const sandbox = useSandbox();
const other = new Sandbox();
afterAll(() => other.dispose());

const host = (name: string): string => join(sandbox.directory, name);
const program = join(sandbox.root, 'tree');
beforeAll(() => buildProgram('tree', sandbox.root));

/** GNU tar's ways to write a tree, with what each loses. */
const formats: readonly { readonly options: readonly string[]; readonly lossy: Lossy }[] = [
  { options: ['--format=pax', '--xattrs', '--xattrs-include=*'], lossy: { withoutNodeLinks: true } },
  { options: ['--format=pax', '--xattrs', '--xattrs-include=*', '--sparse'], lossy: { withoutNodeLinks: true } },
  { options: ['--format=gnu'], lossy: { withoutNodeLinks: true, wholeSeconds: true, withoutXattrs: true } },
  { options: ['--format=gnu', '--sparse'], lossy: { withoutNodeLinks: true, wholeSeconds: true, withoutXattrs: true } },
];

interface Case extends RandomTree {
  readonly format: (typeof formats)[number];
  /** The container is stopped before its files are asked for. */
  readonly stopped: boolean;
}

const WHOLE: Lossy = { wholeSeconds: true };

async function make(folder: string, steps: readonly TreeStep[]): Promise<void> {
  expectSuccess(await run(program, ['make', folder], { input: treeScript(steps) }));
}

/** An image of the tree at /t, by GNU tar and `import`; returns the tree as the host has it. */
async function importTree({ base, format }: Case): Promise<TreeListing> {
  mkdirSync(host('root/t'), { recursive: true });
  await make(host('root/t'), base);
  expectSuccess(await run('cp', [program, host('root/tree')]));
  expectSuccess(await run('tar', ['-C', host('root'), ...format.options, '-cf', host('root.tar'), '.']));
  await sandbox.mydocker(['import', host('root.tar'), 'base']);
  return listFolder(program, host('root/t'));
}

/** A place where a folder can be mounted: on its way there are only folders, and at its end one or nothing. */
function mountable(tree: TreeListing, place: string): boolean {
  const parts = place.split('/');
  return parts.every((_, index) => {
    const entry = tree.get(encoded(parts.slice(0, index + 1).join('/')));
    return entry === undefined ? index === parts.length - 1 : entry.mode.startsWith('040');
  });
}

const encoded = (path: string): string => path.replaceAll('%', '%25').replaceAll(' ', '%20');
const decoded = (path: string): string =>
  Buffer.from(
    path.replaceAll(/%(..)/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    'latin1',
  ).toString();

async function listImage(image: string, where: Sandbox = sandbox): Promise<TreeListing> {
  return parseListing(await where.mydocker(['run', '--rm', '--network', 'none', image, '/tree', 'list', '/t']));
}

/** Which of the names of a file is the first one changes with the others. */
const alone = (entry: ListedEntry): string => describeEntry({ ...entry, hardlink: '' });

async function checkDiff(before: TreeListing, after: TreeListing, changes: readonly TreeStep[]): Promise<void> {
  const said = new Map(
    (await sandbox.mydocker(['diff', 'box']))
      .split('\n')
      .flatMap((line) => (line.startsWith('t/', 3) ? [[line.slice(5), line[0] ?? '']] : [])),
  );
  const now = [...after.values()].filter(({ mounted, path }) => !mounted && path !== '.');
  for (const entry of now) {
    const old = before.get(entry.path);
    const name = decoded(entry.path);
    if (old === undefined) expect([name, said.get(name)]).toEqual([name, 'A']);
    else if (alone(old) !== alone(entry)) expect([name, said.get(name)]).toEqual([name, 'C']);
    else if (said.has(name)) {
      const touched = changes.flatMap((fields) => fields.slice(1)).map((path) => Buffer.from(path, 'latin1').toString());
      const reason = [...said.keys(), ...touched].some((path) => path === name || isBelow(path, name));
      expect([name, said.get(name), reason]).toEqual([name, 'C', true]);
    }
  }
  for (const { path } of before.values()) {
    if (after.has(path)) continue;
    const parents = path.split('/').map((_, index, parts) => parts.slice(0, index + 1).join('/'));
    const gone = parents.find((parent) => after.get(parent)?.mode.startsWith('040') !== true) ?? '';
    // With a folder goes what is in it.
    expect([decoded(gone), said.get(decoded(gone))]).toEqual([decoded(gone), after.has(gone) ? 'C' : 'D']);
  }
  const paths = new Set([...before.keys(), ...after.keys()].map(decoded));
  expect([...said.keys()].filter((name) => !paths.has(name))).toEqual([]);
}

/** `export` as GNU tar reads it. */
async function listExport(): Promise<TreeListing> {
  await sandbox.mydocker(['export', '-o', host('export.tar'), 'box']);
  mkdirSync(host('export'));
  const restored = ['--xattrs', '--xattrs-include=*', '--numeric-owner', '--delay-directory-restore', '-xpf', host('export.tar')];
  expectSuccess(await run('tar', ['-C', host('export'), ...restored]));
  return listFolder(program, host('export/t'));
}

/** Out of the container to the host and on to another one; and as a stream from one to the other. */
async function copyAround(): Promise<readonly TreeListing[]> {
  mkdirSync(host('out'));
  await sandbox.mydocker(['cp', '-a', 'box:/t', host('out')]);
  const lists = [await listFolder(program, host('out/t'))];
  for (const way of ['files', 'stream']) {
    await sandbox.mydocker(['run', '-d', '--init', '--network', 'none', '--name', 'copy', 'empty', '/tree', 'wait']);
    if (way === 'files') await sandbox.mydocker(['cp', '-a', host('out/t'), 'copy:/']);
    else {
      const tar = spawnSync(join(process.cwd(), 'dist/mydocker'), ['cp', 'box:/t', '-'], {
        env: { ...process.env, ...sandbox.env },
        maxBuffer: 2 ** 30,
      });
      expect([tar.status, tar.stderr.toString()]).toEqual([0, '']);
      await sandbox.mydocker(['cp', '-', 'copy:/'], { input: tar.stdout });
    }
    lists.push(parseListing(await sandbox.mydocker(['exec', 'copy', '/tree', 'list', '/t'])));
    await sandbox.mydocker(['rm', '-f', 'copy']);
  }
  return lists;
}

async function checkTree(example: Case): Promise<void> {
  const { changes, format, stopped } = example;
  const base = await importTree(example);
  const places = [...new Set([example.volume, example.bind])].filter((place) => mountable(base, place));
  mkdirSync(host('bound'));
  const sources = ['volume', host('bound')];
  const mounts = places.flatMap((place, index) => ['-v', `${sources[index] ?? ''}:/t/${place}`]);
  await sandbox.mydocker(['run', '-d', '--init', '--network', 'none', '--name', 'box', ...mounts, 'base', '/tree', 'wait']);
  const see = async (): Promise<TreeListing> => parseListing(await sandbox.mydocker(['exec', 'box', '/tree', 'list', '/t']));
  const before = await see();
  const hidden = places.map(encoded);
  const around = (path: string): boolean => path === '.' || hidden.some((place) => isBelow(place, path));

  // The image's tree is the one that was imported, and what an empty volume covers is copied into it.
  expect(lines(without(before, hidden), { ...format.lossy, withoutTimeOf: around })).toEqual(
    lines(without(base, hidden), { ...format.lossy, withoutTimeOf: around }),
  );
  const [volumePlace] = hidden;
  if (volumePlace !== undefined && base.has(volumePlace)) {
    const folder = await sandbox.mydocker(['volume', 'inspect', '-f', '{{.Mountpoint}}', 'volume']);
    const inside = hidden.filter((place) => isBelow(place, volumePlace)).map((place) => place.slice(volumePlace.length + 1));
    const beside = (path: string): boolean => path === '.' || inside.some((place) => isBelow(place, path));
    const covered = without(subtree(base, volumePlace), inside);
    expect(lines(without(await listFolder(program, folder), inside), { ...format.lossy, withoutTimeOf: beside })).toEqual(
      lines(covered, { ...format.lossy, withoutTimeOf: beside }),
    );
  }

  await sandbox.mydocker(['exec', '-i', 'box', '/tree', 'make', '/t'], { input: treeScript(changes) });
  const after = await see();
  await checkDiff(before, after, changes);
  if (stopped) await sandbox.mydocker(['stop', '-t', '0', 'box']);

  const expected = lines(without(after, hidden), WHOLE);
  const same = (found: TreeListing): void => expect(lines(without(found, hidden), WHOLE)).toEqual(expected);
  await sandbox.mydocker(['commit', 'box', 'made']);
  const committed = await listImage('made');
  same(committed);
  // What the mounts covered is still below them.
  for (const place of hidden) {
    const below = (listing: TreeListing): string[] =>
      lines(subtree(listing, place), { ...WHOLE, ...format.lossy, withoutTimeOf: (path) => path === '.' || around(`${place}/${path}`) });
    if (base.has(place)) expect(below(committed)).toEqual(below(base));
  }
  same(await listExport());
  await sandbox.mydocker(['import', host('export.tar'), 'exported']);
  same(await listImage('exported'));
  await sandbox.mydocker(['save', '-o', host('made.tar'), 'made']);
  await other.mydocker(['load', '-i', host('made.tar')]);
  same(await listImage('made', other));
  const id = ['image', 'inspect', '-f', '{{.Id}} {{json .RootFS.Layers}}', 'made'];
  expect(await other.mydocker(id)).toBe(await sandbox.mydocker(id));
  for (const copied of await copyAround()) same(copied);
}

async function clear(): Promise<void> {
  for (const where of [sandbox, other]) {
    await where.removeContainers();
    const images = (await where.mydocker(['images', '-q', '--no-trunc'])).split('\n').filter((line) => line !== '');
    if (images.length > 0) await where.mydocker(['image', 'prune', '-a', '-f']);
    const volumes = (await where.mydocker(['volume', 'ls', '-q'])).split('\n').filter((line) => line !== '');
    if (volumes.length > 0) await where.mydocker(['volume', 'rm', ...volumes]);
  }
  for (const name of ['root', 'root.tar', 'bound', 'export', 'export.tar', 'made.tar', 'out'])
    rmSync(host(name), { recursive: true, force: true });
}

test('whatever a container made of a tree, diff names it and commit, export, import, save, load and cp keep it', async () => {
  sandbox.afterTest(clear);
  const example = fc
    .tuple(randomTree, fc.constantFrom(...formats), fc.boolean())
    .map(([tree, format, stopped]): Case => ({ ...tree, format, stopped }));
  const property = fc.asyncProperty(example, async (chosen) => {
    await clear();
    mkdirSync(host('empty'), { recursive: true });
    expectSuccess(await run('cp', [program, host('empty/tree')]));
    expectSuccess(await run('tar', ['-C', host('empty'), '-cf', host('empty.tar'), '.']));
    await sandbox.mydocker(['import', host('empty.tar'), 'empty']);
    await checkTree(chosen);
  });
  await fc.assert(property, { numRuns: runs, endOnFailure: true, ...(seed === undefined ? {} : { seed: Number(seed) }) });
}, 3_600_000);
