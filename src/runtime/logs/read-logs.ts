import { watch } from 'node:fs';
import { dirname } from 'node:path';
import type { LogEntry, LogOptions } from '../../model/runtime.ts';
import { LogFile, logFiles } from './log-file.ts';
import { nanosecondsOf } from '../../util/nanoseconds-of.ts';
import { parseLogLine } from './log-entry.ts';

/**
 * A container's log from its files, oldest first, through rotation; with `follow` until `isRunning` says no and all
 * is read.
 */
export async function* readLogs(path: string, options: LogOptions, isRunning: () => boolean): AsyncGenerator<LogEntry> {
  const files = openFrom(path, options.tail);
  let current: LogFile | undefined;
  try {
    for (;;) {
      current = files.shift();
      if (current === undefined) break;
      yield* filtered(current, options);
      if (files.length > 0) current.close();
      else break;
    }
    if (options.follow === true) {
      for await (const next of followed(path, current, options, isRunning)) {
        if (next instanceof LogFile) current = next;
        else yield next;
      }
    }
  } finally {
    current?.close();
    for (const file of files) file.close();
  }
}

/** Opens all files that the last `tail` lines are in, the first of them at the first of these lines. */
function openFrom(path: string, tail: number | undefined): LogFile[] {
  const paths = logFiles(path);
  if (tail === undefined) return paths.map((name) => new LogFile(name));
  const files: LogFile[] = [];
  let left = tail;
  for (const name of [...paths].reverse()) {
    const file = new LogFile(name);
    files.unshift(file);
    if (left === 0) file.seekEnd();
    else left -= file.seekTail(left);
    if (left === 0) break;
  }
  return files;
}

function* filtered(file: LogFile, { since, until }: LogOptions): Generator<LogEntry> {
  for (let lines = file.read(); lines.length > 0; lines = file.read()) {
    for (const line of lines) {
      const entry = parseLogLine(line);
      if (entry === undefined) continue;
      if (since !== undefined && nanosecondsOf(entry.time) < since) continue;
      if (until !== undefined && nanosecondsOf(entry.time) > until) continue;
      yield entry;
    }
  }
}

/** Yields what is written from now on, and each file it goes over to (the caller closes the last one). */
async function* followed(
  path: string,
  start: LogFile | undefined,
  options: LogOptions,
  isRunning: () => boolean,
): AsyncGenerator<LogEntry | LogFile> {
  const changes = new Changes(dirname(path));
  let current = start;
  try {
    while (options.signal?.aborted !== true) {
      // The order matters: what was written before the end is read after the end was seen.
      const ended = !isRunning() || isPast(options.until);
      if (current !== undefined) yield* filtered(current, options);
      const next = newerThan(path, current?.inode);
      if (next.length > 0) {
        for (const file of next) {
          current?.close();
          current = file;
          yield file;
          yield* filtered(file, options);
        }
      } else if (ended) {
        return;
      } else {
        await changes.next(options.signal);
      }
    }
  } finally {
    changes.close();
  }
}

function isPast(until: bigint | undefined): boolean {
  return until !== undefined && BigInt(Date.now()) * 1_000_000n > until;
}

/** The files that came after the one with this inode; all, when it has been rotated away. */
function newerThan(path: string, inode: number | undefined): LogFile[] {
  const newer: LogFile[] = [];
  for (const name of [...logFiles(path)].reverse()) {
    let file: LogFile;
    try {
      file = new LogFile(name);
    } catch {
      continue; // rotated away this moment
    }
    if (file.inode === inode) {
      file.close();
      break;
    }
    newer.unshift(file);
  }
  return newer;
}

const CHECK_MS = 200;

/** Wakes up when something in a folder changes, and from time to time: the end of a container changes another folder. */
class Changes {
  readonly #watcher: ReturnType<typeof watch> | undefined;
  #wake: () => void = () => undefined;
  #pending = false;

  constructor(folder: string) {
    try {
      this.#watcher = watch(folder, () => {
        this.#pending = true;
        this.#wake();
      });
      this.#watcher.on('error', () => undefined);
    } catch {
      this.#watcher = undefined; // out of inotify watches: the timer alone
    }
  }

  async next(signal: AbortSignal | undefined): Promise<void> {
    if (!this.#pending) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(finish, CHECK_MS);
        function finish(): void {
          clearTimeout(timer);
          signal?.removeEventListener('abort', finish);
          resolve();
        }
        signal?.addEventListener('abort', finish);
        this.#wake = finish;
      });
    }
    this.#pending = false;
  }

  close(): void {
    this.#wake = () => undefined;
    this.#watcher?.close();
  }
}
