import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { MydockerError } from '../../errors.ts';
import type { ProjectLockOptions } from '../../model/runtime.ts';
import type { RuntimeContext } from '../context.ts';

/** How long it waits before it says so, and how often it looks whether it is still wanted. */
const PATIENCE_MS = 1000;

/** The lock on one project. It is the kernel's, so it goes with a holder that is killed; the text in the file only tells who it is. */
export async function lockProject(
  { roots, locks }: RuntimeContext,
  name: string,
  { purpose = '', onWait, signal }: ProjectLockOptions,
): Promise<() => void> {
  const path = join(roots.data, 'locks', `project-${name}`);
  let told = false;
  for (;;) {
    try {
      const release = await locks.acquire(path, PATIENCE_MS);
      writeFileSync(path, `${String(process.pid)} ${purpose}`);
      return release;
    } catch (error) {
      if (!(error instanceof MydockerError) || error.code !== 'conflict') throw error;
      if (signal?.aborted === true) throw new MydockerError('state', `interrupted while waiting for project "${name}"`, { cause: error });
      if (!told) onWait?.(holderOf(path));
      told = true;
    }
  }
}

function holderOf(path: string): string {
  const [pid = '', purpose = ''] = readFileSync(path, 'utf8').split(' ');
  return purpose !== '' && existsSync(`/proc/${pid}`) ? `${purpose} (process ${pid})` : '';
}
