import type { ContainerSide } from './copy-container.ts';
import { pack, records, remove, unpack } from './core-program.ts';

/** All paths are absolute. */
export interface SyncChanges {
  /** What is to be in the container, each alone: a folder without what is in it. Folders come before their content. */
  readonly entries: readonly SyncEntry[];
  /** Paths of the container that are to go, with what is below. */
  readonly removals: readonly string[];
}

export interface SyncEntry {
  readonly host: string;
  readonly target: string;
  readonly isFolder: boolean;
}

/**
 * Owners and modes are the host's. A file takes the place of a folder and the other way round. What is mounted in the container is
 * not removed. An entry that has gone by now is left out.
 */
export async function syncToContainer({ corePath, tree }: ContainerSide, { entries, removals }: SyncChanges): Promise<void> {
  const wrongKind = entries.filter(({ target }) => target !== '/').map(({ target, isFolder }) => [isFolder ? 'f' : 'd', target] as const);
  await remove(corePath, tree, records([...removals.map((path) => ['a', path] as const), ...wrongKind]));
  if (entries.length === 0) return;
  const named = entries.map(({ host, target }) => [host, target === '/' ? '.' : target.slice(1)] as const);
  await pack(
    corePath,
    ['--list'],
    async (tar) => {
      await unpack(corePath, ['--mode', 'copy', ...tree, '--path', '/'], tar);
    },
    records(named),
  );
}
