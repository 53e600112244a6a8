import { appendFileSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Roots } from './roots.ts';

export interface RuntimeEvent {
  readonly type: 'container' | 'image' | 'volume' | 'network';
  /** `create`, `destroy`, `rename`, `pull`, … */
  readonly action: string;
  readonly id: string;
  readonly attributes: Readonly<Record<string, string>>;
}

const ROTATE_AT = 8 * 1024 * 1024;

/** One line a happening, written by commands and supervisors alike: each `write` is a whole line at the end. */
export class EventLog {
  readonly path: string;

  constructor(roots: Roots) {
    this.path = join(roots.run, 'events.jsonl');
  }

  append({ type, action, id, attributes }: RuntimeEvent): void {
    const nanoseconds = BigInt(Date.now()) * 1_000_000n;
    const head = JSON.stringify({ type, action, id, time: Number(nanoseconds / 1_000_000_000n) });
    // timeNano is beyond 2^53: written as text, so that no digit is lost.
    const line = `${head.slice(0, -1)},"timeNano":${String(nanoseconds)},"attributes":${JSON.stringify(attributes)}}\n`;
    this.#rotate();
    appendFileSync(this.path, line, { mode: 0o600 });
  }

  #rotate(): void {
    const size = statSync(this.path, { throwIfNoEntry: false })?.size ?? 0;
    if (size > ROTATE_AT) renameSync(this.path, `${this.path}.1`);
  }
}
