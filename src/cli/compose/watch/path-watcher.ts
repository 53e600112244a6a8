import { existsSync, statSync, watch, type FSWatcher } from 'node:fs';
import { dirname, join } from 'node:path';
import { MydockerError } from '../../../errors.ts';

/** Time without a change after which a burst counts as over, in milliseconds. */
const QUIET = 500;

/** Tells of changes below the paths, in batches of absolute paths, until it is closed. */
export class PathWatcher {
  readonly #watchers: readonly FSWatcher[];
  readonly #changed = new Set<string>();
  #timer: NodeJS.Timeout | undefined;

  constructor(
    paths: readonly string[],
    private readonly onBatch: (paths: readonly string[]) => void,
  ) {
    this.#watchers = topmost(paths.map(folderOf)).map((folder) =>
      watch(folder, { recursive: true }, (_, name) => {
        if (name !== null) this.#note(join(folder, name));
      }),
    );
  }

  #note(path: string): void {
    this.#changed.add(path);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      const batch = [...this.#changed].sort();
      this.#changed.clear();
      this.onBatch(batch);
    }, QUIET);
  }

  close(): void {
    clearTimeout(this.#timer);
    for (const watcher of this.#watchers) watcher.close();
  }
}

/** A file is watched through its folder: editors put a new file in its place. */
function folderOf(path: string): string {
  if (!existsSync(path)) throw new MydockerError('not-found', `the watched path ${path} is not there`, { hint: 'Check develop.watch.' });
  return statSync(path).isDirectory() ? path : dirname(path);
}

/** Without folders that lie in others of the list. */
function topmost(folders: readonly string[]): readonly string[] {
  return [...new Set(folders)].filter((folder) => !folders.some((other) => other !== folder && folder.startsWith(`${other}/`)));
}
