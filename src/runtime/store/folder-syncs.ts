import { syncFolder } from './json-file.ts';

/** Syncs of folders that many operations of one command wait for at once: those that ask while one is under way share the next. */
export class FolderSyncs {
  readonly #syncFolder: (folder: string) => Promise<void>;
  readonly #underWay = new Map<string, Promise<void>>();
  readonly #next = new Map<string, Promise<void>>();

  constructor(sync: (folder: string) => Promise<void> = syncFolder) {
    this.#syncFolder = sync;
  }

  /** Resolves when a sync that began after this call has ended; rejects for all who shared it. */
  sync(folder: string): Promise<void> {
    const shared = this.#next.get(folder);
    if (shared !== undefined) return shared;
    const next = this.#afterCurrent(folder);
    this.#next.set(folder, next);
    return next;
  }

  async #afterCurrent(folder: string): Promise<void> {
    // Whose sync that is hears of its failure.
    await this.#underWay.get(folder)?.catch(() => undefined);
    this.#next.delete(folder);
    const sync = this.#syncFolder(folder);
    this.#underWay.set(folder, sync);
    try {
      await sync;
    } finally {
      if (this.#underWay.get(folder) === sync) this.#underWay.delete(folder);
    }
  }
}
