import { posix } from 'node:path';
import { MydockerError } from '../../errors.ts';
import type { TreeEntry } from './container-diff.ts';
import { CoreError } from '../core/reply.ts';
import { pack } from './core-program.ts';
import { readLines } from './read-lines.ts';

const MAX_LINKS = 40;

/** What is at `path` in a tree, undefined when nothing is; a link as the last component is followed if asked to. */
export async function statInTree(
  corePath: string,
  tree: readonly string[],
  path: string,
  follow: boolean,
): Promise<{ readonly path: string; readonly entry: TreeEntry } | undefined> {
  let current = posix.resolve('/', path);
  for (let links = 0; links <= MAX_LINKS; links++) {
    const entry = await statOnce(corePath, tree, current);
    if (entry === undefined) return undefined;
    if (!follow || entry.type !== 'l') return { path: current, entry };
    current = posix.resolve(posix.dirname(current), entry.link ?? '');
  }
  throw new MydockerError('invalid', `${path}: too many levels of symbolic links`);
}

async function statOnce(corePath: string, tree: readonly string[], path: string): Promise<TreeEntry | undefined> {
  let entry: TreeEntry | undefined;
  try {
    await pack(corePath, [...tree, '--mode', 'stat', '--path', path], async (output) => {
      for await (const line of readLines(output)) entry = JSON.parse(line) as TreeEntry;
    });
  } catch (error) {
    if (error instanceof CoreError && (error.errno === 'ENOENT' || error.errno === 'ENOTDIR') && error.stage === 'archive')
      return undefined;
    throw error;
  }
  return entry;
}
