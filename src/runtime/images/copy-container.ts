import { lstat, realpath, stat } from 'node:fs/promises';
import { basename, dirname, posix, resolve } from 'node:path';
import { Readable } from 'node:stream';
import { MydockerError } from '../../errors.ts';
import { statInTree } from './container-stat.ts';
import type { TreeEntry } from './container-diff.ts';
import { pack, unpack } from './core-program.ts';
import { decompress } from './decompress.ts';

/** A container's tree as `pack` and `unpack` know it, and its name for messages. */
export interface ContainerSide {
  readonly corePath: string;
  readonly name: string;
  readonly tree: readonly string[];
}

export interface CopyOptions {
  readonly followLink: boolean;
  /** Keep owners when copying to the host. */
  readonly archive: boolean;
}

/** Copies `source` of the container to the host as `docker cp` does. Returns the bytes of the archive. */
export async function copyFromContainer(side: ContainerSide, source: string, target: string, options: CopyOptions): Promise<number> {
  const found = await findSource(side, source, options.followLink);
  const place = await hostPlace(found.entry, source, target);
  const owner = options.archive ? [] : ['--chown', `${String(process.getuid?.() ?? 0)}:${String(process.getgid?.() ?? 0)}`];
  const counter = { bytes: 0 };
  await pack(side.corePath, [...side.tree, '--path', found.path, '--name', place.name], async (output) => {
    await unpack(side.corePath, ['--mode', 'copy', '--root', place.folder, ...owner], counted(output, counter));
  });
  return counter.bytes;
}

/** The same as a tar stream. */
export async function copyToStream(
  side: ContainerSide,
  source: string,
  output: NodeJS.WritableStream,
  options: CopyOptions,
): Promise<void> {
  const found = await findSource(side, source, options.followLink);
  const name = hasDotEnd(source) ? '.' : basename(posix.resolve('/', source)) || '.';
  await pack(side.corePath, [...side.tree, '--path', found.path, '--name', name], async (tar) => writeAll(tar, output));
}

/** Copies a host path into the container. Returns the bytes of the archive. */
export async function copyToContainer(side: ContainerSide, source: string, target: string, options: CopyOptions): Promise<number> {
  const status = await (options.followLink || source.endsWith('/') ? stat(source) : lstat(source)).catch((error: unknown) => {
    throw new MydockerError('not-found', 'no such file or directory', { resource: source, cause: error });
  });
  if ((source.endsWith('/') || hasDotEnd(source)) && !status.isDirectory())
    throw new MydockerError('invalid', 'not a directory', { resource: source });
  const path = options.followLink || hasDotEnd(source) || source.endsWith('/') ? await realpath(source) : resolve(source);
  const place = await containerPlace(side, status.isDirectory(), basename(resolve(source)), hasDotEnd(source), target);
  const counter = { bytes: 0 };
  const args = ['--root', dirname(path), '--path', `/${basename(path)}`, '--name', place.name];
  await pack(side.corePath, args, async (output) => {
    await unpack(side.corePath, ['--mode', 'copy', ...side.tree, '--path', place.folder], counted(output, counter));
  });
  return counter.bytes;
}

/** Unpacks a tar stream, plain or compressed, in a folder of the container. */
export async function copyFromStream(side: ContainerSide, source: Readable, target: string): Promise<void> {
  const found = await statInTree(side.corePath, side.tree, target, true);
  if (found === undefined) throw noSuchFile(side, target);
  if (found.entry.type !== 'd')
    throw new MydockerError('invalid', 'the destination must be a directory', { resource: `${side.name}:${target}` });
  await unpack(side.corePath, ['--mode', 'copy', ...side.tree, '--path', found.path], await decompress(source));
}

async function findSource(side: ContainerSide, source: string, follow: boolean): Promise<{ path: string; entry: TreeEntry }> {
  const asDirectory = source.endsWith('/') || hasDotEnd(source);
  const found = await statInTree(side.corePath, side.tree, source, follow || asDirectory);
  if (found === undefined) throw noSuchFile(side, source);
  if (asDirectory && found.entry.type !== 'd')
    throw new MydockerError('invalid', 'not a directory', { resource: `${side.name}:${source}` });
  return found;
}

interface Place {
  readonly folder: string;
  /** What the top of the archive is called there. */
  readonly name: string;
}

async function hostPlace(entry: TreeEntry, source: string, target: string): Promise<Place> {
  const existing = await stat(target).catch(() => undefined);
  const isDirectory = entry.type === 'd';
  if (existing?.isDirectory() === true) {
    const name = hasDotEnd(source) ? '.' : basename(posix.resolve('/', source)) || '.';
    return { folder: resolve(target), name };
  }
  if (existing !== undefined) {
    if (isDirectory) throw new MydockerError('invalid', 'cannot copy a directory over a file', { resource: target });
    const real = await realpath(target);
    return { folder: dirname(real), name: basename(real) };
  }
  if (target.endsWith('/') && !isDirectory) throw new MydockerError('not-found', 'no such directory', { resource: target });
  const folder = dirname(resolve(target));
  const parent = await stat(folder).catch(() => undefined);
  if (parent?.isDirectory() !== true) {
    throw new MydockerError('not-found', `${folder} is not there`, { resource: target, hint: 'Make the folder first.' });
  }
  return { folder, name: basename(resolve(target)) };
}

async function containerPlace(
  side: ContainerSide,
  isDirectory: boolean,
  sourceName: string,
  contentOnly: boolean,
  target: string,
): Promise<Place> {
  const existing = await statInTree(side.corePath, side.tree, target, true);
  if (existing?.entry.type === 'd') return { folder: existing.path, name: contentOnly ? '.' : sourceName };
  if (existing !== undefined) {
    if (isDirectory) throw new MydockerError('invalid', 'cannot copy a directory over a file', { resource: `${side.name}:${target}` });
    return { folder: posix.dirname(existing.path), name: posix.basename(existing.path) };
  }
  if (target.endsWith('/') && !isDirectory) throw noSuchFile(side, target);
  const path = posix.resolve('/', target);
  const parent = await statInTree(side.corePath, side.tree, posix.dirname(path), true);
  if (parent?.entry.type !== 'd') throw noSuchFile(side, posix.dirname(path));
  return { folder: parent.path, name: posix.basename(path) };
}

function hasDotEnd(path: string): boolean {
  return path === '.' || path.endsWith('/.');
}

function noSuchFile(side: ContainerSide, path: string): MydockerError {
  return new MydockerError('not-found', `could not find the file ${path} in container ${side.name}`);
}

function counted(source: Readable, counter: { bytes: number }): Readable {
  async function* count(): AsyncGenerator<Uint8Array> {
    for await (const chunk of source as AsyncIterable<Uint8Array>) {
      counter.bytes += chunk.length;
      yield chunk;
    }
  }
  return Readable.from(count(), { objectMode: false });
}

/** Writes all of a stream to one that must stay open, e.g. standard output. */
export async function writeAll(source: Readable, target: NodeJS.WritableStream): Promise<void> {
  for await (const chunk of source as AsyncIterable<Uint8Array>) {
    if (!target.write(chunk)) await new Promise<void>((resolve) => target.once('drain', () => resolve()));
  }
}
