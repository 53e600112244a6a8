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

/** Removes what is in the trash under this name; one that cannot be removed is a warning. Two at the same entry do each other no harm. */
export async function removeTrashed(context: Pick<RuntimeContext, 'roots' | 'core' | 'warn'>, name: string): Promise<void> {
  const root = join(context.roots.data, 'trash');
  try {
    await context.core.request('remove_tree', [
      ['root', root],
      ['path', name],
    ]);
  } catch (error) {
    if (!(error instanceof CoreError)) throw error;
    if (error.errno !== 'ENOENT') context.warn(`${join(root, name)} cannot be removed: ${error.message}`);
  }
}

/** Removes from the trash what an earlier command, that was killed, left. What a living one put there is its own to remove. */
export async function sweepTrash(context: Pick<RuntimeContext, 'roots' | 'core' | 'warn'>): Promise<void> {
  for (const name of readdirSync(join(context.roots.data, 'trash'))) if (isAbandoned(name)) await removeTrashed(context, name);
}

function isAbandoned(name: string): boolean {
  const [, pid, start] = /\.(\d+)\.(\d+)\.[0-9a-f]+$/.exec(name) ?? [];
  if (pid === String(process.pid)) return Number(start) !== ownStartTime();
  return !isAlive({ pid: Number(pid ?? 0), start: Number(start ?? 0) });
}
