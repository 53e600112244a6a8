import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { createReadStream } from 'node:fs';
import { basename, join, posix } from 'node:path';
import { createHash } from 'node:crypto';
import { MydockerError } from '../../errors.ts';
import { randomHex } from '../../util/random.ts';
import { decompress } from '../images/decompress.ts';
import { isArchive } from './archive-kind.ts';
import type { CopyRequest } from './copy-flags.ts';
import { stageWithParents } from './copy-parents.ts';
import { fetchFile, isUrl } from './fetch-file.ts';
import { fetchGit, isGit } from '../remote-files/git-repository.ts';
import { readModeChange } from './file-mode.ts';
import { resolveOwner } from './owner.ts';
import {
  existsBelow,
  hasWildcard,
  hashFiles,
  matchSources,
  resolveSource,
  stageFiles,
  walkSource,
  wantedBy,
  type SourceFile,
} from './source-files.ts';
import type { IgnorePatterns } from '../../util/ignore-patterns.ts';
import type { WorkTree } from './work-tree.ts';

/** Where COPY takes its sources from. */
export interface CopyRoot {
  /** A folder of the host. */
  readonly root: string;
  readonly ignore: IgnorePatterns | undefined;
  /** Files keep their owners: they come from an image. */
  readonly keepsOwners: boolean;
}

/** One source, found and hashed. */
interface Item {
  readonly root: string;
  /** Relative to the root; what is copied. */
  readonly path: string;
  /** The name it is called by: a link's own name, not its target's. */
  readonly name: string;
  readonly files: readonly SourceFile[];
  readonly isDownload: boolean;
}

export interface CopyItems {
  readonly items: readonly Item[];
  readonly hash: string;
}

/** Finds the sources and hashes them. Throws `not-found` naming the source that is not there. */
export async function findItems(request: CopyRequest, { root, ignore }: CopyRoot, staging: string, isAdd: boolean): Promise<CopyItems> {
  const wanted = wantedBy(ignore, request.exclude);
  const exceptions = ignore?.hasExceptions === true || request.exclude?.hasExceptions === true;
  const items: Item[] = [];
  for (const source of request.sources) {
    if (source.startsWith('<<')) items.push(await textItem(staging, source.slice(2), request.texts.get(source.slice(2)) ?? ''));
    else if (isAdd && isGit(source)) items.push(await gitItem(staging, source, request.keepsGit));
    else if (isAdd && isUrl(source)) items.push(await downloadItem(staging, source, request.checksum));
    else if (request.parents) {
      const folder = await freshFolder(staging);
      const found = await stageWithParents(root, source, folder, { wanted, hasExceptions: exceptions });
      if (found === 0 && !hasWildcard(source)) throw notThere(source, ignore);
      items.push(itemOf(folder, ''));
    } else {
      const paths = matchSources(root, source, wanted);
      if (paths.length === 0) {
        // As with Docker, a wildcard may match nothing.
        if (hasWildcard(source)) continue;
        throw notThere(source, ignore);
      }
      for (const path of paths) {
        const real = resolveSource(root, path);
        if (!existsBelow(root, real)) throw new MydockerError('not-found', `"${path}" is a link to ${real}, which is not in the context`);
        items.push({
          root,
          path: real,
          name: basename(path),
          files: [...walkSource(root, real, (one) => one === real || wanted(one), exceptions)],
          isDownload: false,
        });
      }
    }
  }
  const hashes = await Promise.all(items.map(async (item) => `${item.name}:${await hashFiles(item.root, item.files)}`));
  return { items, hash: hashes.join('\n') };
}

function notThere(source: string, ignore: IgnorePatterns | undefined): MydockerError {
  return new MydockerError(
    'not-found',
    `"${source}" is not there${ignore?.ignores(source) === true ? ': .dockerignore leaves it out' : ''}`,
  );
}

async function textItem(staging: string, name: string, content: string): Promise<Item> {
  const folder = await freshFolder(staging);
  await writeFile(join(folder, name), content, { mode: 0o644 });
  return itemOf(folder, name);
}

async function downloadItem(staging: string, url: string, checksum: string | undefined): Promise<Item> {
  const folder = await freshFolder(staging);
  const item = itemOf(folder, await fetchFile(url, folder));
  const digest = checksum === undefined ? undefined : await fileDigest(join(folder, item.name));
  if (digest !== checksum) throw new MydockerError('invalid', `${url} has the digest ${digest ?? ''}, not ${checksum ?? ''}`);
  return { ...item, isDownload: true };
}

async function gitItem(staging: string, source: string, keepsGit: boolean): Promise<Item> {
  return itemOf(await fetchGit(source, join(staging, `git-${randomHex(6)}`), keepsGit), '');
}

async function fileDigest(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Uint8Array);
  return `sha256:${hash.digest('hex')}`;
}

function itemOf(root: string, name: string): Item {
  return { root, path: name, name, files: [...walkSource(root, name, () => true, false)], isDownload: false };
}

async function freshFolder(staging: string): Promise<string> {
  const folder = join(staging, `copy-${randomHex(6)}`);
  await mkdir(folder, { mode: 0o755 });
  return folder;
}

/** Copies what was found into the stage's files. `cwd` is the working directory there. */
export async function copyItems(
  { items }: CopyItems,
  request: CopyRequest,
  place: {
    readonly tree: WorkTree;
    readonly staging: string;
    readonly cwd: string;
    readonly keepsOwners: boolean;
    readonly unpacks: boolean;
  },
): Promise<void> {
  const { tree, staging, cwd } = place;
  const empty = await freshFolder(staging);
  const owner = await ownerArgs(request, place);
  const target = posix.resolve('/', cwd, request.target);
  const folderMade = request.chown === '' ? ['--chown', '0:0'] : owner;
  const isFolder =
    request.target.endsWith('/') || request.target === '.' || items.length > 1 || (await tree.stat(target))?.entry.type === 'd';
  for (const item of items) {
    const [top] = item.files;
    if (place.unpacks && (request.unpack ?? !item.isDownload) && top?.type === 'file' && (await isArchive(join(item.root, item.path)))) {
      const folder = await tree.ensureFolder(target, empty, folderMade);
      await tree.unpackIn(await decompress(createReadStream(join(item.root, item.path))), folder, request.chown === '' ? [] : owner);
      continue;
    }
    const source = await sourceOf(item, request, staging, place.keepsOwners);
    if (top?.type === 'folder') {
      // A new folder is like its source; one that is there stays as it is.
      const isThere = target === '/' || (await tree.stat(target)) !== undefined;
      const folder = await tree.ensureFolder(isThere ? target : posix.dirname(target), empty, folderMade);
      await tree.copyIn({ ...source, name: isThere ? '.' : posix.basename(target) }, folder, owner);
    } else {
      const folder = await tree.ensureFolder(isFolder ? target : posix.dirname(target), empty, folderMade);
      await tree.copyIn({ ...source, name: isFolder ? item.name : posix.basename(target) }, folder, owner);
    }
  }
}

/** The files themselves when all of them go as they are, else a copy of those that count with the mode asked for. */
async function sourceOf(
  item: Item,
  { chmod: modeText, exclude }: CopyRequest,
  staging: string,
  keepsOwners: boolean,
): Promise<{ root: string; path: string }> {
  if (keepsOwners && modeText === '' && exclude === undefined) return { root: item.root, path: `/${item.path}` };
  const folder = await freshFolder(staging);
  const name = 'source';
  const target = join(folder, name);
  await stageFiles(item.root, item.files, item.path, target);
  if (modeText !== '') {
    const change = readModeChange(modeText);
    for (const { path, type, mode } of item.files.toReversed()) {
      if (type !== 'link') await chmod(join(target, posix.relative(item.path, path)), change(mode, type === 'folder'));
    }
  }
  return { root: folder, path: `/${name}` };
}

async function ownerArgs(
  request: CopyRequest,
  { tree, staging, keepsOwners }: { tree: WorkTree; staging: string; keepsOwners: boolean },
): Promise<readonly string[]> {
  if (request.chown === '') return keepsOwners ? [] : ['--chown', '0:0'];
  const { uid, gid } = await resolveOwner(request.chown, tree, staging);
  return ['--chown', `${String(uid)}:${String(gid)}`];
}
