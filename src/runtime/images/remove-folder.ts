import { existsSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import type { RuntimeContext } from '../context.ts';
import { CoreError } from '../core/reply.ts';

/** Removes a tree that was unpacked from an archive: its names may be any bytes, so the core does it. */
export async function removeFolder(context: RuntimeContext, path: string): Promise<void> {
  if (!existsSync(path)) return;
  await context.core.request('remove_tree', [
    ['root', dirname(path)],
    ['path', basename(path)],
  ]);
}

/** What a killed command left: when it cannot be removed, that is a warning and no failure of this command. */
export async function removeLeftover(context: RuntimeContext, path: string): Promise<void> {
  try {
    await removeFolder(context, path);
  } catch (error) {
    if (!(error instanceof CoreError)) throw error;
    context.warn(`${path} is left of an earlier command and cannot be removed: ${error.message}`);
  }
}
