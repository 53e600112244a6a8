import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import type { Container } from '../../model/runtime.ts';
import type { RuntimeContext } from '../context.ts';
import { layerPath } from '../store/layer-path.ts';
import { pack } from './core-program.ts';
import { writeLayerPath } from './container-tree.ts';
import { readLines } from './read-lines.ts';

/** A line of `pack --mode walk`. */
export interface TreeEntry {
  /** Relative to the start of the walk. */
  readonly path: string;
  readonly type: 'f' | 'd' | 'l' | 'c' | 'b' | 'p' | 's' | 'w';
  readonly mode: number;
  readonly size: number;
  readonly link?: string;
  readonly opaque?: boolean;
}

export interface Change {
  readonly kind: 'added' | 'changed' | 'deleted';
  /** Absolute in the container. */
  readonly path: string;
}

/** What the runtime itself makes in a container so that it can mount there; no work of the container. */
const RUNTIME_FILES: ReadonlySet<string> = new Set([
  'dev',
  'dev/console',
  'dev/mqueue',
  'dev/pts',
  'dev/shm',
  'etc',
  'etc/hostname',
  'etc/hosts',
  'etc/resolv.conf',
  'proc',
  'sys',
]);

/** Paths in the write layer that only the runtime made: empty mount points of its own. */
export function runtimeMade(entries: readonly TreeEntry[]): ReadonlySet<string> {
  const made = new Set<string>();
  // Children first: a folder counts when nothing else is in it.
  for (const { path, type, size } of [...entries].sort((left, right) => right.path.length - left.path.length)) {
    if (!RUNTIME_FILES.has(path)) continue;
    const empty = type === 'd' ? isEmptyBut(entries, path, made) : type === 'f' && size === 0;
    if (empty) made.add(path);
  }
  return made;
}

function isEmptyBut(entries: readonly TreeEntry[], folder: string, made: ReadonlySet<string>): boolean {
  return entries.every(({ path }) => !path.startsWith(`${folder}/`) || made.has(path));
}

/** Every entry of a write layer. */
export async function walkWriteLayer(context: RuntimeContext, folder: string): Promise<readonly TreeEntry[]> {
  const entries: TreeEntry[] = [];
  await pack(context.core.path, ['--root', folder, '--mode', 'walk'], async (output) => {
    for await (const line of readLines(output)) entries.push(JSON.parse(line) as TreeEntry);
  });
  return entries.filter(({ path }) => path !== '');
}

/** What differs from the image, sorted by path. */
export async function containerDiff(context: RuntimeContext, container: Container): Promise<readonly Change[]> {
  const entries = await walkWriteLayer(context, writeLayerPath(context, container.config.id));
  const skipped = runtimeMade(entries);
  const opaque = entries.filter((entry) => entry.opaque === true).map(({ path }) => path);
  const lower = container.config.image.layers.map((diffId) => layerPath(context.roots, diffId)).reverse();
  return entries
    .filter(({ path }) => !skipped.has(path))
    .map(({ path, type }): Change => {
      if (type === 'w') return { kind: 'deleted', path: `/${path}` };
      const hidden = opaque.some((folder) => path.startsWith(`${folder}/`));
      return { kind: !hidden && existsIn(lower, path) ? 'changed' : 'added', path: `/${path}` };
    })
    .sort((left, right) => (left.path < right.path ? -1 : 1));
}

/** Whether the image has the path: looked for from the topmost layer, where a whiteout ends the search. */
function existsIn(layers: readonly string[], path: string): boolean {
  const parts = path.split('/');
  for (const layer of layers) {
    for (let depth = 1; depth <= parts.length; depth++) {
      const status = lstatSync(join(layer, ...parts.slice(0, depth)), { throwIfNoEntry: false });
      if (status === undefined) break;
      if (status.isCharacterDevice() && status.rdev === 0) return false;
      if (depth === parts.length) return true;
      if (!status.isDirectory()) return false;
    }
  }
  return false;
}
