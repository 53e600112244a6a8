import { afterEach, beforeEach, expect, test } from 'bun:test';
import { appendFileSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EventFile } from '../../../../src/runtime/events/read-events.ts';

let directory = '';
let path = '';
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'events-'));
  path = join(directory, 'events.jsonl');
});
afterEach(() => {
  rmSync(directory, { recursive: true });
});

let clock = BigInt(Date.now()) * 1_000_000n;

function happen(action: string): void {
  clock += 1_000_000_000n;
  appendFileSync(path, `{"type":"container","action":"${action}","id":"c","time":0,"timeNano":${String(clock)},"attributes":{}}\n`);
}

const rotate = (): void => {
  renameSync(path, `${path}.1`);
};

test('what was written before the file got another name is read too', async () => {
  happen('one');
  rotate();
  happen('two');
  const events = await Array.fromAsync(new EventFile(path).read({ since: 0n, until: clock + 1n, signal: AbortSignal.abort() }));
  expect(events.map(({ action }) => action)).toEqual(['one', 'two']);
});

test('a reader that follows misses nothing when the file gets another name', async () => {
  const abort = new AbortController();
  const seen: string[] = [];
  happen('past');
  setTimeout(() => {
    happen('first');
  }, 0);
  for await (const { action } of new EventFile(path).read({ signal: abort.signal })) {
    seen.push(action);
    if (action === 'first') {
      happen('last of the old file');
      rotate();
      happen('first of the new file');
    }
    if (action === 'first of the new file') abort.abort();
  }
  expect(seen).toEqual(['first', 'last of the old file', 'first of the new file']);
});
