import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { RuntimeContext } from '../context.ts';
import { CoreError } from '../core/reply.ts';
import { newId, shortId } from './ids.ts';

/** A name in the trash for something called `name`: unique, and it still tells what it was. */
export function trashName(name: string): string {
  return `${name}.${shortId(newId())}`;
}

/**
 * Removes what lies in the trash: what this command put there and what an earlier one, that was killed, left.
 * Two commands at it at once do each other no harm.
 */
export async function emptyTrash(context: Pick<RuntimeContext, 'roots' | 'core' | 'warn'>): Promise<void> {
  const root = join(context.roots.data, 'trash');
  for (const path of readdirSync(root)) {
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
