import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { EventSource, RuntimeEvent } from '../../model/runtime.ts';
import { errnoOf } from '../../util/errno.ts';

const POLL_MS = 50;

/** The event log of a run root, `events.jsonl`, and the file before it where it was rotated. */
export class EventFile implements EventSource {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  async *read({ since, until, signal }: Parameters<EventSource['read']>[0] = {}): AsyncIterable<RuntimeEvent> {
    const from = since ?? nowNs();
    const wanted = (event: RuntimeEvent): boolean => event.time >= from && (until === undefined || event.time <= until);
    if (since !== undefined) yield* linesOf(`${this.#path}.1`).filter(wanted);
    let tail = new Tail(this.#path, since === undefined ? 'end' : 'start');
    try {
      for (;;) {
        const isPast = until !== undefined && nowNs() > until;
        const isReplaced = tail.wasReplaced();
        yield* tail.next().filter(wanted);
        if (isPast || signal?.aborted === true) return;
        if (!isReplaced) await sleep(POLL_MS);
        else {
          tail.close();
          tail = new Tail(this.#path, 'start');
        }
      }
    } finally {
      tail.close();
    }
  }
}

function nowNs(): bigint {
  return BigInt(Date.now()) * 1_000_000n;
}

function linesOf(path: string): readonly RuntimeEvent[] {
  const tail = new Tail(path, 'start');
  try {
    return tail.next();
  } finally {
    tail.close();
  }
}

/** Whole lines of a growing file. It stays open, so that nothing is missed when another file gets its name. */
class Tail {
  readonly #path: string;
  #file: number | undefined;
  #offset = 0;
  #rest = '';

  /** `end`: only what comes from now on; a file that is not there yet counts from its start. */
  constructor(path: string, from: 'start' | 'end') {
    this.#path = path;
    this.#open();
    if (from === 'end' && this.#file !== undefined) this.#offset = fstatSync(this.#file).size;
  }

  close(): void {
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
  }

  next(): readonly RuntimeEvent[] {
    const text = this.#rest + this.#readNew();
    const lines = text.split('\n');
    this.#rest = lines.pop() ?? '';
    return lines.map(parseEvent).filter((event) => event !== undefined);
  }

  /** Another file has the name now. */
  wasReplaced(): boolean {
    const inode = statSync(this.#path, { throwIfNoEntry: false })?.ino;
    return this.#file !== undefined && inode !== undefined && inode !== fstatSync(this.#file).ino;
  }

  #open(): void {
    try {
      this.#file = openSync(this.#path, 'r');
    } catch (error) {
      if (errnoOf(error) !== 'ENOENT') throw error;
    }
  }

  #readNew(): string {
    if (this.#file === undefined) this.#open();
    if (this.#file === undefined) return '';
    const chunks: Buffer[] = [];
    for (;;) {
      const chunk = Buffer.alloc(64 * 1024);
      const count = readSync(this.#file, chunk, 0, chunk.length, this.#offset);
      if (count === 0) break;
      this.#offset += count;
      chunks.push(chunk.subarray(0, count));
    }
    return Buffer.concat(chunks).toString('utf8');
  }
}

/** A line that is not ours is left out: many programs append here, and one that dies half-way must not hide the rest. */
function parseEvent(line: string): RuntimeEvent | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const { type, action, id, time, attributes } = value as Partial<Record<'type' | 'action' | 'id' | 'time' | 'attributes', unknown>>;
  if (
    typeof action !== 'string' ||
    typeof id !== 'string' ||
    (type !== 'container' && type !== 'image' && type !== 'volume' && type !== 'network')
  ) {
    return undefined;
  }
  // JSON.parse would lose the last digits of the nanoseconds.
  const nano = /"timeNano":(\d+)/.exec(line)?.[1];
  const nanoseconds = nano === undefined ? BigInt(typeof time === 'number' ? time : 0) * 1_000_000_000n : BigInt(nano);
  return { type, action, id, time: nanoseconds, attributes: (attributes ?? {}) as Record<string, string> };
}
