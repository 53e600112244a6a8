import { existsSync, readdirSync } from 'node:fs';
import { chmod, lchown, mkdir, rename, rmdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { RuntimeContext } from '../context.ts';
import { numberOf } from '../core/reply.ts';

/**
 * Gives an empty volume what the image has at the target: first a complete copy beside the data, then entry by entry
 * into it. A crash leaves either an incomplete copy, which is thrown away, or a complete one, which the next use of
 * the volume moves in. What a container wrote meanwhile is never replaced. The data folder itself stays the same one,
 * because running containers may have it mounted.
 */
export async function fillVolume(context: RuntimeContext, data: string, layers: readonly string[], target: string): Promise<void> {
  const folder = dirname(data);
  const copy = join(folder, '_copy');
  if (isEmpty(data) || existsSync(copy) || existsSync(join(folder, '_copying'))) {
    await context.locks.withLock(join(folder, 'lock'), async () => {
      if (!existsSync(copy) && isEmpty(data)) await makeCopy(context, folder, layers, target);
      if (existsSync(copy)) await moveIn(context, copy, data);
    });
  }
}

function isEmpty(folder: string): boolean {
  return readdirSync(folder).length === 0;
}

async function makeCopy(context: RuntimeContext, folder: string, layers: readonly string[], path: string): Promise<void> {
  const unfinished = join(folder, '_copying');
  if (existsSync(unfinished)) await removeBelow(context, folder, '_copying');
  await mkdir(unfinished, { mode: 0o755 });
  const reply = await context.core.request('copy_up', [
    ...layers.map((layer) => ['lower', layer] as const),
    ['path', path],
    ['target', unfinished],
  ]);
  if (numberOf(reply, 'copied') === 0) await rmdir(unfinished);
  else await rename(unfinished, join(folder, '_copy'));
}

async function moveIn(context: RuntimeContext, copy: string, data: string): Promise<void> {
  const { mode, uid, gid } = await stat(copy);
  const present = new Set(readdirSync(data));
  for (const name of readdirSync(copy)) {
    if (!present.has(name)) await rename(join(copy, name), join(data, name));
  }
  await lchown(data, uid, gid);
  await chmod(data, mode & 0o7777);
  await rename(copy, `${copy}.done`);
  await removeBelow(context, dirname(data), '_copy.done');
}

async function removeBelow(context: RuntimeContext, root: string, path: string): Promise<void> {
  await context.core.request('remove_tree', [
    ['root', root],
    ['path', path],
  ]);
}
