import { statSync, watch, type FSWatcher, type Stats } from 'node:fs';
import { dirname, join } from 'node:path';
import { errnoOf } from '../../../util/errno.ts';
import { statusOf } from './status-of.ts';

/** Time without a change after which a burst counts as over, in milliseconds. */
const QUIET = 500;
/** A burst that does not end is told of in parts. */
const LONGEST = 3000;

export interface WatchEvents {
  /** Whether anybody wants to hear of the path. */
  wanted(path: string): boolean;
  /** Changed paths, absolute. A folder stands for all that is below: some of that may have come before it could be watched. */
  batch(paths: readonly string[]): void;
  failed(error: unknown): void;
}

interface Watched {
  readonly watcher: FSWatcher;
  /** Device and inode: another folder at the same path is not watched by this. */
  readonly identity: string;
}

/**
 * Tells of changes of the paths and below, until it is closed. A path may be missing, be a file that editors put a new one in place
 * of, or come back: the folders above are watched for that, each without what is below.
 */
export class PathWatcher {
  readonly #deep = new Map<string, Watched>();
  readonly #flat = new Map<string, Watched>();
  readonly #changed = new Set<string>();
  #quiet: NodeJS.Timeout | undefined;
  #longest: NodeJS.Timeout | undefined;
  #looking: NodeJS.Timeout | undefined;

  constructor(
    private readonly paths: readonly string[],
    private readonly events: WatchEvents,
  ) {
    this.#look(false);
  }

  close(): void {
    for (const timer of [this.#quiet, this.#longest, this.#looking]) clearTimeout(timer);
    for (const { watcher } of [...this.#deep.values(), ...this.#flat.values()]) watcher.close();
  }

  /** Watches what is there now; a folder that is new is told of, since files may have come before its watch. */
  #look(tells: boolean): void {
    for (let isNew = true; isNew;) {
      const folders = topmost(this.paths.filter((path) => statusOf(path, statSync)?.isDirectory() === true));
      const above = new Set(this.paths.flatMap(ancestors).filter((path) => statusOf(path, statSync)?.isDirectory() === true));
      forget(this.#deep, new Set(folders));
      forget(this.#flat, above);
      const fresh = folders.filter((folder) => this.#add(this.#deep, folder, true));
      const freshAbove = [...above].filter((folder) => this.#add(this.#flat, folder, false));
      if (tells) fresh.forEach((folder) => this.#note(folder));
      isNew = fresh.length + freshAbove.length > 0;
    }
  }

  #add(group: Map<string, Watched>, folder: string, recursive: boolean): boolean {
    if (group.has(folder)) return false;
    try {
      const watcher = watch(folder, { recursive }, (_, name) => {
        // Without a name it is about the folder itself, such as its removal.
        this.#onEvent(typeof name === 'string' ? join(folder, name) : folder, recursive);
      });
      watcher.on('error', (error) => this.events.failed(error));
      group.set(folder, { watcher, identity: identityOf(statusOf(folder, statSync)) });
      return true;
    } catch (error) {
      // It went while it was looked at: the folder above tells when it comes back.
      if (errnoOf(error) !== 'ENOENT' && errnoOf(error) !== 'ENOTDIR') throw error;
      return false;
    }
  }

  #onEvent(path: string, recursive: boolean): void {
    if (recursive || this.paths.includes(path)) this.#note(path);
    const matters = this.paths.some((one) => one === path || one.startsWith(`${path}/`));
    if (!matters || this.#looking !== undefined) return;
    // Not from a watcher's own callback: closing one there can end the process early.
    this.#looking = setTimeout(() => {
      this.#looking = undefined;
      try {
        this.#look(true);
      } catch (error) {
        this.events.failed(error);
      }
    }, 10);
  }

  #note(path: string): void {
    if (!this.events.wanted(path)) return;
    this.#changed.add(path);
    clearTimeout(this.#quiet);
    this.#quiet = setTimeout(() => this.#tell(), QUIET);
    this.#longest ??= setTimeout(() => this.#tell(), LONGEST);
  }

  #tell(): void {
    clearTimeout(this.#quiet);
    clearTimeout(this.#longest);
    this.#longest = undefined;
    const batch = [...this.#changed].sort();
    this.#changed.clear();
    if (batch.length > 0) this.events.batch(batch);
  }
}

function identityOf(status: Stats | undefined): string {
  return `${String(status?.dev)}:${String(status?.ino)}`;
}

/** Closes what is no longer among the folders, or is another folder by now. */
function forget(group: Map<string, Watched>, folders: ReadonlySet<string>): void {
  for (const [folder, { watcher, identity }] of group) {
    if (folders.has(folder) && identityOf(statusOf(folder, statSync)) === identity) continue;
    watcher.close();
    group.delete(folder);
  }
}

function ancestors(path: string): readonly string[] {
  const parent = dirname(path);
  return parent === path ? [] : [parent, ...ancestors(parent)];
}

/** Without folders that lie in others of the list. */
function topmost(folders: readonly string[]): readonly string[] {
  return [...new Set(folders)].filter(
    (folder) => !folders.some((other) => other !== folder && folder.startsWith(other === '/' ? other : `${other}/`)),
  );
}
