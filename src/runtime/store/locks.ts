import { MydockerError } from '../../errors.ts';
import type { Core } from '../core/core.ts';

/** As long as a lock may be passed on within this process before other commands get their turn. */
const PASS_ON_MS = 50;

/**
 * Locks on files, held by this command's core process: when either dies, the kernel drops them. Within this process
 * a lock is taken in turn, because the core sees one holder only; it is passed on without being given back in between.
 */
export class Locks {
  readonly #core: Core;
  /** The end of each queue: resolves with the time since which the lock is held when it is passed on. */
  readonly #tails = new Map<string, Promise<number | undefined>>();

  constructor(core: Core) {
    this.#core = core;
  }

  /** Runs `use` while the exclusive lock on `path` is held; waits at most `timeout` ms for it (-1, the default, without end). */
  async withLock<T>(path: string, use: () => Promise<T>, timeout = -1): Promise<T> {
    const release = await this.acquire(path, timeout);
    try {
      return await use();
    } finally {
      release();
    }
  }

  /** Takes the exclusive lock and returns what gives it back. */
  async acquire(path: string, timeout = -1): Promise<() => void> {
    const turn = Promise.withResolvers<number | undefined>();
    const previous = this.#tails.get(path);
    this.#tails.set(path, turn.promise);
    const leave = (heldSince?: number): void => {
      turn.resolve(heldSince);
      if (this.#tails.get(path) === turn.promise) this.#tails.delete(path);
    };
    let since = await previous;
    if (since === undefined) {
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
      since = Date.now();
    }
    const heldSince = since;
    return () => {
      if (this.#tails.get(path) !== turn.promise && Date.now() - heldSince < PASS_ON_MS) {
        leave(heldSince);
        return;
      }
      // Nobody waits for the reply: requests are answered in turn, and a core that has died holds no lock.
      this.#core.request('unlock', [['path', path]]).catch(() => undefined);
      leave();
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
