import { join } from 'node:path';
import { MydockerError } from '../../errors.ts';
import { randomHex } from '../../util/random.ts';
import { pack, unpack } from '../images/core-program.ts';
import { emptyFolder } from './build-sources.ts';
import { existsBelow, hashFiles, resolveSource, stageFiles, walkSource, type SourceFile } from './source-files.ts';
import type { CopyRoot } from './step-copy.ts';

/** What a `RUN --mount=type=bind` shows. */
export interface BindWish {
  /** A stage, a named context or an image; empty is the build context. */
  readonly from: string;
  readonly source: string;
  /** The program may write; what it writes is lost. */
  readonly writable: boolean;
}

/** Hash of the files that a bind of a folder of the host shows: another content is another step. Throws `not-found`. */
export async function hashBind({ root, ignore }: CopyRoot, { source }: BindWish): Promise<string> {
  const path = pathIn(root, source);
  return hashFiles(root, filesOf({ root, ignore }, path));
}

/**
 * Where the host has what the bind shows: the files themselves when all of them are to be seen and none is written to, else a copy below
 * `staging`. Throws `not-found`.
 */
export async function bindSource(from: CopyRoot, { source, writable }: BindWish, corePath: string, staging: string): Promise<string> {
  const { root, ignore, keepsOwners } = from;
  const path = pathIn(root, source);
  const files = keepsOwners ? [] : filesOf(from, path);
  const isWhole = ignore === undefined || files.length === filesOf({ root, ignore: undefined }, path).length;
  if (!writable && isWhole) return join(root, path);
  const folder = await emptyFolder(staging, `bind-${randomHex(6)}`);
  if (keepsOwners) {
    await pack(corePath, ['--root', root, '--path', `/${path}`, '--name', 'copy'], async (tar) => {
      await unpack(corePath, ['--mode', 'copy', '--root', folder], tar);
    });
  } else await stageFiles(root, files, path, join(folder, 'copy'));
  return join(folder, 'copy');
}

function pathIn(root: string, source: string): string {
  const path = resolveSource(root, source);
  if (path === '' || existsBelow(root, path)) return path;
  throw new MydockerError('not-found', `the source "${source}" of a mount is not there`);
}

function filesOf({ root, ignore }: Pick<CopyRoot, 'root' | 'ignore'>, path: string): readonly SourceFile[] {
  return [...walkSource(root, path, (one) => one === path || ignore?.ignores(one) !== true, ignore?.hasExceptions === true)];
}
