import { closeSync, openSync, readSync, statSync } from 'node:fs';
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
    const before = since === undefined ? [] : new Tail(`${this.#path}.1`).next();
    yield* before.filter(wanted);
    let tail = new Tail(this.#path);
    for (;;) {
      const isPast = until !== undefined && nowNs() > until;
      yield* tail.next().filter(wanted);
      if (isPast || signal?.aborted === true) return;
      if (tail.wasReplaced()) tail = new Tail(this.#path);
      else await sleep(POLL_MS);
    }
  }
}

function nowNs(): bigint {
  return BigInt(Date.now()) * 1_000_000n;
}

/** Whole lines of a growing file, from its start. */
class Tail {
  readonly #path: string;
  #offset = 0;
  #inode: number | undefined;
  #rest = '';

  constructor(path: string) {
    this.#path = path;
  }

  next(): readonly RuntimeEvent[] {
    const text = this.#rest + this.#readNew();
    const lines = text.split('\n');
    this.#rest = lines.pop() ?? '';
    return lines.map(parseEvent).filter((event) => event !== undefined);
  }

  /** Another file has the name now, and this one is read to its end. */
  wasReplaced(): boolean {
    const inode = statSync(this.#path, { throwIfNoEntry: false })?.ino;
    return this.#inode !== undefined && inode !== undefined && inode !== this.#inode;
  }

  #readNew(): string {
    let file: number;
    try {
      file = openSync(this.#path, 'r');
    } catch (error) {
      if (errnoOf(error) === 'ENOENT') return '';
      throw error;
    }
    try {
      this.#inode ??= statSync(this.#path, { throwIfNoEntry: false })?.ino;
      const chunks: Buffer[] = [];
      for (;;) {
        const chunk = Buffer.alloc(64 * 1024);
        const count = readSync(file, chunk, 0, chunk.length, this.#offset);
        if (count === 0) break;
        this.#offset += count;
        chunks.push(chunk.subarray(0, count));
      }
      return Buffer.concat(chunks).toString('utf8');
    } finally {
      closeSync(file);
    }
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
