import { createHash } from 'node:crypto';
import { createReadStream, lstatSync, readdirSync, readlinkSync } from 'node:fs';
import { chmod, copyFile, mkdir, symlink, utimes } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { MydockerError } from '../../errors.ts';
import { globExpression, type IgnorePatterns } from '../../util/ignore-patterns.ts';

/** A file, folder or link below a root that COPY takes from. */
export interface SourceFile {
  /** Relative to the root; empty is the root itself. */
  readonly path: string;
  readonly type: 'file' | 'folder' | 'link' | 'other';
  readonly mode: number;
  readonly size: number;
  /** Modification time in milliseconds. */
  readonly mtime: number;
  readonly link: string;
}

/** Which paths of a source count. */
export type Wanted = (path: string) => boolean;

/** Paths below `root` that a COPY source names: wildcards resolved, links followed at the top, nothing outside the root. */
export function matchSources(root: string, source: string, wanted: Wanted): readonly string[] {
  const plain = relative('/', join('/', source));
  if (!hasWildcard(plain)) return [plain].filter((path) => existsBelow(root, path) && (path === '' || wanted(path)));
  let found: readonly string[] = [''];
  for (const part of plain.split('/')) {
    const expression = globExpression(part);
    found = found.flatMap((folder) =>
      namesIn(join(root, folder))
        .filter((name) => expression.test(name))
        .map((name) => join(folder, name)),
    );
  }
  return found.filter(wanted);
}

export function hasWildcard(source: string): boolean {
  return /[*?[]/.test(source);
}

function namesIn(folder: string): readonly string[] {
  return lstatSync(folder).isDirectory() ? readdirSync(folder).sort() : [];
}

export function existsBelow(root: string, path: string): boolean {
  return lstatSync(join(root, path), { throwIfNoEntry: false }) !== undefined;
}

const MAX_LINKS = 40;

/** Where a source really is, relative to the root: links are followed as if the root were `/`, so that none leads out. */
export function resolveSource(root: string, path: string): string {
  const rest = path.split('/').filter((part) => part !== '' && part !== '.');
  let real: readonly string[] = [];
  for (let links = 0, part = rest.shift(); part !== undefined; part = rest.shift()) {
    if (part === '..') {
      real = real.slice(0, -1);
      continue;
    }
    const here = join(root, ...real, part);
    if (lstatSync(here, { throwIfNoEntry: false })?.isSymbolicLink() !== true) {
      real = [...real, part];
      continue;
    }
    if (++links > MAX_LINKS) throw new MydockerError('invalid', `${path}: too many levels of symbolic links`);
    const link = readlinkSync(here);
    if (link.startsWith('/')) real = [];
    rest.unshift(...link.split('/').filter((one) => one !== '' && one !== '.'));
  }
  return real.join('/');
}

/** The source and all below it that counts, parents before children. */
export function* walkSource(root: string, path: string, wanted: Wanted, hasExceptions: boolean): Generator<SourceFile> {
  const status = lstatSync(join(root, path));
  const type = status.isDirectory() ? 'folder' : status.isFile() ? 'file' : status.isSymbolicLink() ? 'link' : 'other';
  const counts = path === '' || wanted(path);
  if (counts) {
    const link = type === 'link' ? readlinkSync(join(root, path)) : '';
    yield { path, type, mode: status.mode & 0o7777, size: status.size, mtime: status.mtimeMs, link };
  }
  if (type !== 'folder' || (!counts && !hasExceptions)) return;
  for (const name of readdirSync(join(root, path)).sort())
    yield* walkSource(root, path === '' ? name : `${path}/${name}`, wanted, hasExceptions);
}

export function wantedBy(ignore: IgnorePatterns | undefined, exclude: IgnorePatterns | undefined): Wanted {
  return (path) => ignore?.ignores(path) !== true && exclude?.ignores(path) !== true;
}

/** Hash of names, modes, links and contents; times do not count. */
export async function hashFiles(root: string, files: readonly SourceFile[]): Promise<string> {
  const hash = createHash('sha256');
  for (const { path, type, mode, link, size } of files) {
    hash.update(`${path}\0${type}\0${String(mode)}\0${link}\0${String(size)}\0`);
    if (type !== 'file') continue;
    for await (const chunk of createReadStream(join(root, path), { highWaterMark: 1 << 18 })) hash.update(chunk as Uint8Array);
  }
  return hash.digest('hex');
}

/** Copies the files to a folder of the build, each at its path relative to `base`; their owners become root's. */
export async function stageFiles(root: string, files: readonly SourceFile[], base: string, target: string): Promise<void> {
  const folders: SourceFile[] = [];
  for (const file of files) {
    const place = join(target, relative(base, file.path));
    await mkdir(dirname(place), { recursive: true, mode: 0o755 });
    if (file.type === 'folder') {
      await mkdir(place, { recursive: true });
      folders.push(file);
    } else if (file.type === 'link') await symlink(file.link, place);
    else if (file.type === 'file') {
      await copyFile(join(root, file.path), place);
      await chmod(place, file.mode);
      await utimes(place, file.mtime / 1000, file.mtime / 1000);
    }
  }
  for (const { path, mode, mtime } of folders.reverse()) {
    const place = join(target, relative(base, path));
    await chmod(place, mode);
    await utimes(place, mtime / 1000, mtime / 1000);
  }
}
