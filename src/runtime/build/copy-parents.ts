import { lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { globExpression } from '../../util/ignore-patterns.ts';
import { resolveSource, stageFiles, walkSource, type SourceFile, type Wanted } from './source-files.ts';

/**
 * `COPY --parents`: what a source names goes to `staging` with the folders it is in, from the root or from the `/./` of the source on.
 * `**` stands for any number of folders. Returns how many paths there were.
 */
export async function stageWithParents(
  root: string,
  source: string,
  staging: string,
  { wanted, hasExceptions }: { readonly wanted: Wanted; readonly hasExceptions: boolean },
): Promise<number> {
  const pivot = /^(?:\.\/)?(.+?)\/\.\//.exec(source)?.[1];
  const base = pivot === undefined ? '' : partsOf(pivot).join('/');
  const paths = [...new Set(expand(root, partsOf(source)).map((path) => resolveSource(root, path)))].filter(
    (path) => path === '' || wanted(path),
  );
  for (const path of paths) {
    // Where a link leads elsewhere its target has no part of the base.
    const from = path === base || path.startsWith(`${base}/`) ? base : '';
    const files = [...walkSource(root, path, (one) => one === path || wanted(one), hasExceptions)];
    await stageFiles(root, [...foldersOf(root, path, from), ...files], from, staging);
  }
  return paths.length;
}

function partsOf(path: string): readonly string[] {
  return path.split('/').filter((part) => part !== '' && part !== '.');
}

function expand(root: string, parts: readonly string[]): readonly string[] {
  let found: readonly string[] = [''];
  for (const part of parts) {
    if (part === '**') found = found.flatMap((folder) => [folder, ...below(root, folder)]);
    else if (/[*?[]/.test(part)) {
      const expression = globExpression(part);
      found = found.flatMap((folder) =>
        namesIn(root, folder)
          .filter((name) => expression.test(name))
          .map((name) => joined(folder, name)),
      );
    } else found = found.map((folder) => joined(folder, part)).filter((path) => isThere(root, path));
  }
  return [...new Set(found)];
}

function joined(folder: string, name: string): string {
  return folder === '' ? name : `${folder}/${name}`;
}

function isThere(root: string, path: string): boolean {
  return lstatSync(join(root, resolveSource(root, path)), { throwIfNoEntry: false }) !== undefined;
}

/** Names in a folder; what is no folder has none. Links to folders are not entered. */
function namesIn(root: string, path: string): readonly string[] {
  const place = join(root, path);
  return lstatSync(place, { throwIfNoEntry: false })?.isDirectory() === true ? readdirSync(place).sort() : [];
}

function below(root: string, folder: string): readonly string[] {
  return namesIn(root, folder)
    .map((name) => joined(folder, name))
    .filter((path) => lstatSync(join(root, path)).isDirectory())
    .flatMap((path) => [path, ...below(root, path)]);
}

/** The folders between the base and the path, which keep their modes. */
function foldersOf(root: string, path: string, base: string): readonly SourceFile[] {
  const parts = path.split('/').slice(0, -1);
  return parts
    .map((_, index) => parts.slice(0, index + 1).join('/'))
    .filter((folder) => folder.length > base.length)
    .flatMap((folder) => [...walkSource(root, folder, (one) => one === folder, false)].slice(0, 1));
}
