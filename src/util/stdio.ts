import { fstatSync, writeSync } from 'node:fs';
import { errnoOf } from './errno.ts';

/** 0 standard input, 1 standard output, 2 standard error. */
export type StandardFd = 0 | 1 | 2;

/** A pipe whose reader is slow, and that another process made non-blocking, is tried again this often. */
const PAUSE_MS = 1;

/*
 * The first use of `process.stdout`, even of its `isTTY`, loads all of the runtime's streams: as much as the rest of a small
 * command. What is written once and is short goes this way; what streams (logs, events, archives) is worth a stream.
 */

/** Nobody reads standard output any more (`… | head`): a reason to end, and nothing to tell anybody. */
export class OutputClosed extends Error {}

/** Writes to standard output and returns when all is written; throws `OutputClosed` when its reader has gone. */
export function writeOut(text: string): void {
  if (!writeAll(1, text)) throw new OutputClosed('standard output is closed');
}

/** Writes to standard error and returns when all is written. Messages without a reader do not stop what they tell about. */
export function writeErr(text: string): void {
  writeAll(2, text);
}

/** False when nobody reads it. On a terminal the stream has it: a view that draws there diverts what is written to it. */
function writeAll(fd: 1 | 2, text: string): boolean {
  if (isTerminal(fd)) {
    (fd === 1 ? process.stdout : process.stderr).write(text);
    return true;
  }
  let rest: Uint8Array = Buffer.from(text);
  while (rest.length > 0) {
    try {
      rest = rest.subarray(writeSync(fd, rest));
    } catch (error) {
      const code = errnoOf(error);
      if (code === 'EPIPE' || code === 'EBADF') return false;
      if (code !== 'EAGAIN') throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE_MS);
    }
  }
  return true;
}

/** Whether the descriptor is a terminal; false for one that is closed. */
export function isTerminal(fd: StandardFd): boolean {
  let device: number;
  try {
    const status = fstatSync(fd);
    if (!status.isCharacterDevice()) return false;
    device = status.rdev;
  } catch {
    return false;
  }
  const major = (device >>> 8) & 0xfff;
  if (isTerminalMajor(major)) return true;
  return major !== MEMORY_DEVICES && process.getBuiltinModule('node:tty').isatty(fd);
}

/** `/dev/null` and its like: admin-guide/devices.txt of the kernel. */
const MEMORY_DEVICES = 1;

/** Consoles and serial lines, `/dev/tty` and `/dev/console`, pseudo-terminals: the same list. */
function isTerminalMajor(major: number): boolean {
  return major === 4 || major === 5 || (major >= 136 && major <= 143);
}
