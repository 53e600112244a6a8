import { afterAll, describe, expect, test } from 'bun:test';
import { spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { Core } from '../../src/runtime/core/core.ts';
import type { Fields } from '../../src/runtime/core/frame.ts';
import { CoreError } from '../../src/runtime/core/reply.ts';
import { cores, Rig } from './rig.ts';

function makeTree(folder: string): void {
  mkdirSync(join(folder, 'a/b'), { recursive: true });
  writeFileSync(join(folder, 'a/file'), 'x'.repeat(10_000));
  linkSync(join(folder, 'a/file'), join(folder, 'a/b/same'));
  symlinkSync('/etc', join(folder, 'link'));
  spawnSync('mkfifo', [join(folder, 'fifo')]);
  writeFileSync(join(folder, 'sparse'), '');
  truncateSync(join(folder, 'sparse'), 10 << 20);
  chownSync(join(folder, 'a'), 33, 29);
  chmodSync(join(folder, 'a'), 0o2751);
  utimesSync(join(folder, 'a/file'), 1, 2);
}

/** Everything about a tree that a copy must keep, as lines. */
function listing(folder: string): string[] {
  return readdirSync(folder, { recursive: true })
    .map(String)
    .sort()
    .map((name) => {
      const { mode, uid, gid, size, nlink, mtimeMs } = lstatSync(join(folder, name));
      const directory = (mode & 0o170000) === 0o040000;
      return [name, mode.toString(8), uid, gid, directory ? '' : size, nlink, Math.floor(mtimeMs)].join(' ');
    });
}

describe.each(cores)('operations on trees (%s core)', (_, path) => {
  const rig = new Rig(path);
  const remove = async (root: string, name: string) =>
    rig.core.request('remove_tree', [
      ['root', root],
      ['path', name],
    ]);
  afterAll(() => rig.end());

  test('a folder can be spread on an ext4 without a journal; elsewhere nothing happens', async () => {
    const spread = rig.folder('spread');
    await rig.core.request('spread', [['path', spread]]);
    await rig.core.request('spread', [['path', '/proc']]);
    const { dev } = statSync(spread);
    const link = `/sys/dev/block/${dev >> 8}:${dev & 0xff}`;
    const device = existsSync(link) ? readlinkSync(link).split('/').at(-1) : 'none';
    const journal = `/sys/fs/ext4/${device}/journal_task`;
    const without = existsSync(journal) && readFileSync(journal, 'utf8').startsWith('<none>');
    expect(/^\S*T/.test(spawnSync('lsattr', ['-d', spread]).stdout.toString())).toBe(without);
  });

  test('a copy keeps owners, modes, times, links, nodes and holes', async () => {
    makeTree(rig.folder('copy/source'));
    const { copied } = await rig.core.request('copy_tree', [
      ['source_root', join(rig.root, 'copy')],
      ['source', 'source'],
      ['target_root', join(rig.root, 'copy')],
      ['target', 'target'],
    ]);
    expect(copied).toBe(7);
    expect(listing(join(rig.root, 'copy/target'))).toEqual(listing(join(rig.root, 'copy/source')));
    expect(readFileSync(join(rig.root, 'copy/target/a/b/same'), 'utf8')).toBe('x'.repeat(10_000));
    expect(statSync(join(rig.root, 'copy/target/sparse')).blocks).toBeLessThan(100);
  });

  test('the size of a tree counts a file with two names once', async () => {
    makeTree(rig.folder('size/tree'));
    const { bytes, inodes } = await rig.core.request('stat_tree', [
      ['root', join(rig.root, 'size')],
      ['path', 'tree'],
    ]);
    expect([bytes, inodes]).toEqual([10_000 + (10 << 20) + '/etc'.length, 7]);
  });

  /** A folder with a tree, a run folder, a name and two locks of which this core holds the first; what `discard` needs for it. */
  const prepareDiscard = async (name: string): Promise<{ readonly root: string; readonly fields: Fields }> => {
    const root = rig.folder(name);
    makeTree(rig.folder(`${name}/all/id`));
    for (const folder of ['trash', 'run', 'names']) mkdirSync(join(root, folder));
    makeTree(join(root, 'run/id'));
    writeFileSync(join(root, 'idle'), '');
    symlinkSync('id', join(root, 'names/own'));
    symlinkSync('other', join(root, 'names/taken'));
    await rig.core.request('lock', [
      ['path', join(root, 'all/id/lock')],
      ['mode', 'exclusive'],
      ['timeout', '0'],
    ]);
    const at = (key: string, path: string) => [key, join(root, path)] as const;
    const conditions = [at('lock', 'all/id/lock'), at('idle', 'idle'), at('idle', 'all/missing'), at('gone', 'busy/id')];
    const doomed = [at('tree', 'run/id'), at('tree', 'missing/id'), at('link', 'names/own'), at('link', 'names/taken')];
    return { root, fields: [...conditions, ...doomed, at('from', 'all/id'), at('to', 'trash/id.1')] };
  };

  test('a folder is discarded with what belongs to it; a name that has become another one stays', async () => {
    const { root, fields } = await prepareDiscard('discard');
    expect(await rig.core.request('discard', fields)).not.toHaveProperty('left');
    expect(readdirSync(root, { recursive: true }).map(String).sort()).toEqual(['all', 'idle', 'names', 'names/taken', 'run', 'trash']);
    await rig.core.request('unlock', [['path', join(root, 'all/id/lock')]]);
    expect(rig.core.request('discard', fields)).rejects.toThrow('is not held');
  });

  test('nothing is discarded while somebody holds the lock, or a folder that must be gone is there', async () => {
    const { root, fields } = await prepareDiscard('discard-not');
    const before = listing(root);
    const other = new Core(() => path);
    await other.request('lock', [
      ['path', join(root, 'idle')],
      ['mode', 'exclusive'],
      ['timeout', '0'],
    ]);
    await expect(rig.core.request('discard', fields)).rejects.toThrow('idle is locked: EAGAIN');
    await other.close();
    expect(listing(root)).toEqual(before);
    mkdirSync(join(root, 'busy/id'), { recursive: true });
    await expect(rig.core.request('discard', fields)).rejects.toThrow('busy/id is still there: EBUSY');
    rmSync(join(root, 'busy'), { recursive: true });
    expect(listing(root)).toEqual(before);
  });

  test('what cannot be removed of a discarded folder is told, and out of the way', async () => {
    const { root, fields } = await prepareDiscard('discard-left');
    spawnSync('mount', ['-t', 'tmpfs', 'tmpfs', join(root, 'all/id/a')]);
    try {
      expect((await rig.core.request('discard', fields))['left']).toContain('something is mounted there');
      expect(readdirSync(join(root, 'all'))).toEqual([]);
    } finally {
      spawnSync('umount', [join(root, 'trash/id.1/a')]);
    }
  });

  test('a tree is removed with odd names and beyond any depth; a missing one is fine', async () => {
    const root = rig.folder('remove');
    makeTree(rig.folder('remove/tree'));
    writeFileSync(Buffer.concat([Buffer.from(`${root}/tree/`), Buffer.from([0xff, 0x0a, 0x22])]), '');
    for (let level = 0, top = ''; level < 40; level++) {
      // A path may have 4096 bytes: the tree grows at its root.
      const chain = join(root, 'chain', ...Array.from({ length: 50 }, () => 'd'));
      mkdirSync(chain, { recursive: true });
      if (top !== '') renameSync(top, join(chain, 'rest'));
      renameSync(join(root, 'chain'), (top = join(root, `deep${level}`)));
    }
    renameSync(join(root, 'deep39'), join(root, 'tree/deep'));
    await remove(root, 'tree');
    await remove(root, 'tree');
    expect(readdirSync(root)).toEqual([]);
  });

  test.each(['', '.', '..', 'a/..', '/etc', '../outside', 'link/passwd', 'link/../..'])('removing "%s" is refused', async (name) => {
    const root = rig.folder(`refuse-${encodeURIComponent(name)}/tree`);
    makeTree(root);
    expect(remove(root, name)).rejects.toThrow();
    expect(existsSync('/etc/passwd')).toBe(true);
  });

  test('removing a link removes the link alone', async () => {
    const root = rig.folder('links');
    makeTree(root);
    await remove(root, 'link');
    expect(existsSync(join(root, 'link'))).toBe(false);
    expect(existsSync('/etc/passwd')).toBe(true);
  });

  test('two removals of one tree, and a writer that ends meanwhile, do each other no harm', async () => {
    const root = rig.folder('together');
    for (let round = 0; round < 20; round++) {
      for (let folder = 0; folder < 40; folder++) makeTree(join(root, 'tree', String(folder)));
      const writer = spawn('sh', ['-c', `for n in $(seq 1 ${round * 4}); do echo > ${root}/tree/39/a/$n || exit 0; done 2> ${root}/said`]);
      const ended = new Promise((resolve) => writer.once('close', resolve));
      await Promise.all([remove(root, 'tree'), remove(root, 'tree'), ended]);
      expect(readdirSync(root)).toEqual(['said']);
    }
  });

  test('what is mounted in a tree, or immutable, survives its removal, which says so', async () => {
    const root = rig.folder('guarded');
    const guarded = rig.folder('guarded/tree/point');
    const cases = [
      [['mount', ['-t', 'tmpfs', 'tmpfs', guarded]], ['umount', [guarded]], 'something is mounted there'],
      [['chattr', ['+i', guarded]], ['chattr', ['-i', guarded]], 'immutable or append-only'],
    ] as const;
    for (const [[protect, protectArgs], [release, releaseArgs], message] of cases) {
      expect(spawnSync(protect, protectArgs).status).toBe(0);
      try {
        expect(await remove(root, 'tree').catch((error: unknown) => (error instanceof CoreError ? error.message : ''))).toContain(message);
      } finally {
        spawnSync(release, releaseArgs);
      }
      expect(existsSync(guarded)).toBe(true);
    }
  });
});

describe.each(cores)('the copy-up of a volume (%s core)', (_, path) => {
  const rig = new Rig(path);
  const copyUp = async (target: string, where = '/link') =>
    rig.core.request('copy_up', [
      ['lower', rig.folder('one')],
      ['lower', rig.folder('two')],
      ['path', where],
      ['target', target],
    ]);
  afterAll(() => rig.end());

  mkdirSync(join(rig.folder('one'), 'data/sub'), { recursive: true });
  writeFileSync(join(rig.root, 'one/data/first'), '1');
  mkdirSync(join(rig.folder('two'), 'data'));
  writeFileSync(join(rig.root, 'two/data/second'), '2');
  chownSync(join(rig.root, 'two/data'), 70, 71);
  chmodSync(join(rig.root, 'two/data'), 0o700);
  symlinkSync('/data', join(rig.root, 'two/link'));
  symlinkSync('/etc', join(rig.root, 'two/host'));

  test('fills an empty folder with what all layers have, and gives it their owner and mode', async () => {
    const target = rig.folder('v1/_data');
    const { ino } = statSync(target);
    expect((await copyUp(target))['copied']).toBe(3);
    expect(readdirSync(target).sort()).toEqual(['first', 'second', 'sub']);
    const { uid, gid, mode, ino: after } = statSync(target);
    expect([uid, gid, mode & 0o7777, after]).toEqual([70, 71, 0o700, ino]);
    expect(readdirSync(join(rig.root, 'v1'))).toEqual(['_data']);
  });

  test('leaves a folder alone that has something in it, or of which the image has nothing', async () => {
    const target = rig.folder('v2/_data');
    expect((await copyUp(target, '/none'))['copied']).toBe(0);
    expect((await copyUp(target, '/host'))['copied']).toBe(0); // links lead into the image, which has no /etc
    writeFileSync(join(target, 'mine'), '');
    expect((await copyUp(target))['copied']).toBe(0);
    expect(readdirSync(target)).toEqual(['mine']);
  });

  test('is taken up again where a crash interrupted it', async () => {
    const target = rig.folder('v3/_data');
    mkdirSync(`${target}.part`);
    writeFileSync(`${target}.part/half`, ''); // the copy was not whole: it is made again
    await copyUp(target);
    expect(readdirSync(target).sort()).toEqual(['first', 'second', 'sub']);
    renameSync(target, `${target}.copy-up`); // it was whole, and partly moved
    mkdirSync(target);
    renameSync(`${target}.copy-up/first`, `${target}/first`);
    await copyUp(target);
    expect(readdirSync(target).sort()).toEqual(['first', 'second', 'sub']);
    expect(readdirSync(join(rig.root, 'v3'))).toEqual(['_data']);
    rmSync(target, { recursive: true });
  });
});
