import { MydockerError } from '../../errors.ts';
import type { Core } from '../core/core.ts';

/**
 * Locks on files, held by this command's core process: when either dies, the kernel drops them. Within this process
 * a lock is taken in turn, because the core sees one holder only.
 */
export class Locks {
  readonly #core: Core;
  readonly #tails = new Map<string, Promise<void>>();

  constructor(core: Core) {
    this.#core = core;
  }

  /** Runs `use` while the exclusive lock on `path` is held; waits at most `timeout` ms for it (-1, the default, without end). */
  async withLock<T>(path: string, use: () => Promise<T>, timeout = -1): Promise<T> {
    const release = await this.acquire(path, timeout);
    try {
      return await use();
    } finally {
      await release();
    }
  }

  /** Takes the exclusive lock and returns what gives it back. */
  async acquire(path: string, timeout = -1): Promise<() => Promise<void>> {
    const turn = Promise.withResolvers<undefined>();
    const previous = this.#tails.get(path) ?? Promise.resolve();
    const tail = previous.then(() => turn.promise);
    this.#tails.set(path, tail);
    const leave = (): void => {
      turn.resolve(undefined);
      if (this.#tails.get(path) === tail) this.#tails.delete(path);
    };
    await previous;
    try {
      await this.#core.request('lock', [
        ['path', path],
        ['mode', 'exclusive'],
        ['timeout', String(timeout)],
      ]);
    } catch (error) {
      leave();
      throw describeBusy(path, error);
    }
    return async () => {
      try {
        await this.#core.request('unlock', [['path', path]]);
      } finally {
        leave();
      }
    };
  }
}

function describeBusy(path: string, error: unknown): unknown {
  if (!(error instanceof MydockerError) || !error.message.includes('EAGAIN')) return error;
  return new MydockerError('conflict', `${path} is locked by another command`, {
    cause: error,
    hint: 'Wait for the other command to end and run it again.',
  });
}
