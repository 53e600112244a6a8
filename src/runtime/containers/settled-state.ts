import { existsSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { MydockerError } from '../../errors.ts';
import type { RuntimeContext } from '../context.ts';
import { CoreError } from '../core/reply.ts';
import type { ContainerPaths } from './paths.ts';
import { observeState, type ObservedState } from './read-state.ts';

const TIMEOUT_MS = 10_000;
const PAUSE_MS = 5;

/**
 * The state of a container of which nobody is halfway through a start or an end. A supervisor holds its lock from its
 * first instruction to its last: one that says "not running" while the lock is held belongs to a command that was
 * killed, and will run, or be gone, in a moment.
 */
export async function settledState({ core }: Pick<RuntimeContext, 'core'>, paths: ContainerPaths, id: string): Promise<ObservedState> {
  const deadline = Date.now() + TIMEOUT_MS;
  for (;;) {
    const observed = observeState(paths, id);
    // Without a lock there has been no supervisor that could have changed anything since.
    if (observed.state.supervisorPid > 0 || !existsSync(paths.supervisorLock)) return observed;
    if (await isFree(core, paths.supervisorLock)) return observeState(paths, id);
    if (Date.now() > deadline) {
      throw new MydockerError('conflict', `container ${id.slice(0, 12)} is being started or ended by another command`, {
        hint: 'Wait for it and run this again.',
      });
    }
    await delay(PAUSE_MS);
  }
}

async function isFree(core: RuntimeContext['core'], lock: string): Promise<boolean> {
  try {
    await core.request('lock', [
      ['path', lock],
      ['mode', 'exclusive'],
      ['timeout', '0'],
    ]);
    await core.request('unlock', [['path', lock]]);
    return true;
  } catch (error) {
    if (error instanceof CoreError && error.errno === 'EAGAIN') return false;
    // Removed meanwhile.
    if (error instanceof CoreError && error.errno === 'ENOENT') return true;
    throw error;
  }
}
