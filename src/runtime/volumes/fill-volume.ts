import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { RuntimeContext } from '../context.ts';

/**
 * Gives an empty volume what the image has at the target, and the owner and mode of that folder. The core makes a complete
 * copy beside the data first and moves it in then, so that the next use of the volume can take up what a crash interrupted.
 */
export async function fillVolume(context: RuntimeContext, data: string, layers: readonly string[], target: string): Promise<void> {
  if (!isEmpty(data) && !existsSync(`${data}.copy-up`)) return;
  await context.locks.withLock(join(dirname(data), 'lock'), () =>
    context.core.request('copy_up', [...layers.map((layer) => ['lower', layer] as const), ['path', target], ['target', data]]),
  );
}

function isEmpty(folder: string): boolean {
  return readdirSync(folder).length === 0;
}
