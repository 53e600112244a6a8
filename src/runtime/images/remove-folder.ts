import { existsSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import type { RuntimeContext } from '../context.ts';

/** Removes a tree that was unpacked from an archive: its names may be any bytes, so the core does it. */
export async function removeFolder(context: RuntimeContext, path: string): Promise<void> {
  if (!existsSync(path)) return;
  await context.core.request('remove_tree', [
    ['root', dirname(path)],
    ['path', basename(path)],
  ]);
}
