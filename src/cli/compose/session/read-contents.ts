import type { Hash } from 'node:crypto';
import { lstatSync, readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Project } from '../../../model/project.ts';
import { contentSources } from '../../../plan/contents.ts';

const DIGITS = 16;

/** Digests of the files and folders whose content counts as configuration; what cannot be read has none. */
export function readContents(project: Project): ReadonlyMap<string, string> {
  const digests = new Map<string, string>();
  const sources = Object.entries(project.services).flatMap(([name, service]) => contentSources(project, name, service));
  for (const { path } of sources) {
    const digest = digests.get(path) ?? digestOf(path);
    if (digest !== undefined) digests.set(path, digest);
  }
  return digests;
}

function digestOf(path: string): string | undefined {
  const hash = process.getBuiltinModule('node:crypto').createHash('sha256');
  try {
    if (statSync(path).isDirectory()) addFolder(hash, path, '');
    else addFile(hash, path, '');
  } catch {
    // Whoever mounts it says what is wrong with it.
    return undefined;
  }
  return hash.digest('hex').slice(0, DIGITS);
}

/** Names, kinds and contents; no times, which a fresh checkout changes. */
function addFolder(hash: Hash, root: string, below: string): void {
  for (const name of readdirSync(join(root, below)).sort()) {
    const path = join(below, name);
    const status = lstatSync(join(root, path));
    if (status.isDirectory()) addFolder(hash, root, path);
    else if (status.isSymbolicLink()) hash.update(`link ${path}\0${readlinkSync(join(root, path))}\0`);
    else if (status.isFile()) addFile(hash, root, path);
  }
}

function addFile(hash: Hash, root: string, below: string): void {
  const path = join(root, below);
  hash.update(`file ${below}\0${String(statSync(path).size)}\0`);
  hash.update(readFileSync(path));
}
