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
  readonly uid: number;
  readonly gid: number;
  readonly size: number;
  readonly link?: string;
  /** What the image has at this path, when the entry is of a write layer. */
  readonly below?: TreeEntry['type'];
  /** A directory that is in the write layer for its content only: its mode, owner and attributes are the image's. */
  readonly same?: boolean;
}

export interface Change {
  readonly kind: 'added' | 'changed' | 'deleted';
  /** Absolute in the container. */
  readonly path: string;
}

/** What the runtime itself makes in a container, most of it to mount there; no work of the container. */
const RUNTIME_FILES: ReadonlySet<string> = new Set([
  '.dockerenv',
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

/** Paths in the write layer that only the runtime made: empty mount points of its own, and the folders they are in as they were. */
export function runtimeMade(entries: readonly TreeEntry[]): ReadonlySet<string> {
  const made = new Set<string>();
  // Children first: a folder counts when nothing else is in it.
  for (const entry of [...entries].sort((left, right) => right.path.length - left.path.length)) {
    const { path, type, size } = entry;
    if (!RUNTIME_FILES.has(path)) continue;
    const empty = type === 'd' ? isUntouched(entry) && isEmptyBut(entries, path, made) : type === 'f' && size === 0;
    if (empty) made.add(path);
  }
  return made;
}

/** As the image has it, or as the runtime makes one that is missing. */
function isUntouched({ below, same, mode, uid, gid }: TreeEntry): boolean {
  return below === undefined ? mode === 0o755 && uid === 0 && gid === 0 : same === true;
}

function isEmptyBut(entries: readonly TreeEntry[], folder: string, made: ReadonlySet<string>): boolean {
  return entries.every(({ path }) => !path.startsWith(`${folder}/`) || made.has(path));
}

/** Every entry of a write layer, compared with the image's layers (lowest first). */
export async function walkWriteLayer(context: RuntimeContext, folder: string, diffIds: readonly string[]): Promise<readonly TreeEntry[]> {
  const entries: TreeEntry[] = [];
  const lower = diffIds.flatMap((diffId) => ['--lower', layerPath(context.roots, diffId)]);
  await pack(context.core.path, ['--root', folder, ...lower, '--mode', 'walk'], async (output) => {
    for await (const line of readLines(output)) entries.push(JSON.parse(line) as TreeEntry);
  });
  return entries.filter(({ path }) => path !== '');
}

/** What differs from the image, sorted by path. */
export async function containerDiff(context: RuntimeContext, { config }: Container): Promise<readonly Change[]> {
  const entries = await walkWriteLayer(context, writeLayerPath(context, config.id), config.image.layers);
  const skipped = runtimeMade(entries);
  return entries
    .filter(({ path }) => !skipped.has(path))
    .map(({ path, type, below }): Change => {
      if (type === 'w') return { kind: 'deleted', path: `/${path}` };
      return { kind: below === undefined ? 'added' : 'changed', path: `/${path}` };
    })
    .sort((left, right) => (left.path < right.path ? -1 : 1));
}
