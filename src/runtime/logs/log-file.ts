import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs';

const CHUNK = 64 * 1024;
const NEWLINE = 0x0a;

/** `log.json` and its rotated ancestors `log.json.1`, …: oldest first, those that are there. */
export function logFiles(path: string): readonly string[] {
  const files = [];
  for (let index = 1; statSync(`${path}.${String(index)}`, { throwIfNoEntry: false }) !== undefined; index += 1) {
    files.unshift(`${path}.${String(index)}`);
  }
  return statSync(path, { throwIfNoEntry: false }) === undefined ? files : [...files, path];
}

/** One open file of the log. It stays the same file when rotation renames it. */
export class LogFile {
  readonly #fd: number;
  readonly inode: number;
  #position = 0;
  #rest = Buffer.alloc(0);

  constructor(path: string) {
    this.#fd = openSync(path, 'r');
    this.inode = fstatSync(this.#fd).ino;
  }

  /** Goes to where the last `count` lines begin; returns how many lines there are from there to the end, at most `count`. */
  seekTail(count: number): number {
    let found = 0;
    let end = fstatSync(this.#fd).size;
    const buffer = Buffer.allocUnsafe(CHUNK);
    let atEnd = true;
    while (end > 0) {
      const start = Math.max(0, end - CHUNK);
      const length = readSync(this.#fd, buffer, 0, end - start, start);
      for (let index = length - 1; index >= 0; index -= 1) {
        const isLineEnd = buffer[index] === NEWLINE;
        if (isLineEnd && !atEnd) {
          found += 1;
          if (found === count) {
            this.#position = start + index + 1;
            return found;
          }
        }
        atEnd = false;
      }
      end = start;
    }
    this.#position = 0;
    return atEnd ? 0 : found + 1;
  }

  seekEnd(): void {
    this.#position = fstatSync(this.#fd).size;
  }

  /** The next whole lines; empty at the end of what is written. */
  read(): readonly string[] {
    const buffer = Buffer.allocUnsafe(CHUNK);
    for (;;) {
      const length = readSync(this.#fd, buffer, 0, CHUNK, this.#position);
      if (length === 0) return [];
      this.#position += length;
      const all = Buffer.concat([this.#rest, buffer.subarray(0, length)]);
      const last = all.lastIndexOf(NEWLINE);
      this.#rest = Buffer.from(all.subarray(last + 1));
      if (last >= 0) return all.toString('utf8', 0, last).split('\n');
    }
  }

  close(): void {
    closeSync(this.#fd);
  }
}
