import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { RuntimeContext } from '../context.ts';
import { CoreError } from '../core/reply.ts';
import { newId, shortId } from './ids.ts';
import { isAlive, ownStartTime } from './process-times.ts';

/** A name in the trash for something called `name`: unique, and it tells what it was and which process removes it. */
export function trashName(name: string): string {
  return `${name}.${String(process.pid)}.${String(ownStartTime())}.${shortId(newId())}`;
}

/**
 * Removes from the trash what the caller put there (`own`) and what an earlier command, that was killed, left. What a living one put
 * there is its own to remove: fifty removals at once would else go through it fifty times. Two at the same entry do each other no harm.
 */
export async function emptyTrash(context: Pick<RuntimeContext, 'roots' | 'core' | 'warn'>, own: readonly string[]): Promise<void> {
  const root = join(context.roots.data, 'trash');
  for (const path of readdirSync(root)) {
    if (!own.includes(path) && !isAbandoned(path)) continue;
    try {
      await context.core.request('remove_tree', [
        ['root', root],
        ['path', path],
      ]);
    } catch (error) {
      if (!(error instanceof CoreError)) throw error;
      if (error.errno !== 'ENOENT') context.warn(`${join(root, path)} cannot be removed: ${error.message}`);
    }
  }
}

function isAbandoned(name: string): boolean {
  const [, pid, start] = /\.(\d+)\.(\d+)\.[0-9a-f]+$/.exec(name) ?? [];
  return !isAlive({ pid: Number(pid ?? 0), start: Number(start ?? 0) });
}
