import { lstat, rmdir, unlink } from 'node:fs/promises';
import { join, posix } from 'node:path';
import type { WorkTree } from './work-tree.ts';

/** The paths that do not exist in the tree but must, so that something can be mounted there; the deepest last. */
export async function missingPaths(tree: WorkTree, targets: readonly string[]): Promise<readonly string[]> {
  const missing = new Set<string>();
  for (const target of targets) {
    let parent = posix.resolve('/', target);
    const rest: string[] = [];
    for (;;) {
      const found = parent === '/' ? { path: '/' } : await tree.stat(parent);
      if (found !== undefined) {
        let path = found.path;
        for (const name of rest) missing.add((path = posix.join(path, name)));
        break;
      }
      rest.unshift(posix.basename(parent));
      parent = posix.dirname(parent);
    }
  }
  return [...missing].sort();
}

/** Takes the mount points away that a step needed and nobody has put anything in. `folder` is its write layer. */
export async function removeStubs(folder: string, paths: readonly string[]): Promise<void> {
  for (const path of paths.toReversed()) {
    const place = join(folder, path);
    const status = await lstat(place).catch(() => undefined);
    // A folder that is not empty stays: the step has made something there.
    if (status?.isDirectory() === true) await rmdir(place).catch(() => undefined);
    else if (status?.isFile() === true && status.size === 0) await unlink(place);
  }
}
