import { lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { RuntimeContext } from '../context.ts';
import { CoreError } from '../core/reply.ts';
import { newId, shortId } from './ids.ts';

/** A name in the trash for something called `name`: unique, and it still tells what it was. */
export function trashName(name: string): string {
  return `${name}.${shortId(newId())}`;
}

/** Longer than this in the trash, and whoever put it there was killed. */
const ABANDONED_MS = 60_000;

/**
 * Removes from the trash what the caller put there (`own`) and what an earlier command, that was killed, left. What others put there
 * just now is theirs: fifty removals at once would else go through it fifty times. Two at the same entry do each other no harm.
 */
export async function emptyTrash(context: Pick<RuntimeContext, 'roots' | 'core' | 'warn'>, own: string): Promise<void> {
  const root = join(context.roots.data, 'trash');
  for (const path of readdirSync(root)) {
    if (path !== own && !isAbandoned(join(root, path))) continue;
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

/** The rename that put it there set its change time. */
function isAbandoned(path: string): boolean {
  const changed = lstatSync(path, { throwIfNoEntry: false })?.ctimeMs;
  return changed !== undefined && Date.now() - changed > ABANDONED_MS;
}
