import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Roots } from './roots.ts';

export interface RuntimeEvent {
  readonly type: 'container' | 'image' | 'volume' | 'network';
  /** `create`, `destroy`, `rename`, `pull`, … */
  readonly action: string;
  readonly id: string;
  readonly attributes: Readonly<Record<string, string>>;
}

/**
 * One line a happening, written by commands and supervisors alike: each `write` is a whole line at the end. The core, which writes
 * most of them, gives a large log another name.
 */
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
    appendFileSync(this.path, line, { mode: 0o600 });
  }
}
