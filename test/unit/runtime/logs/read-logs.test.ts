import { afterEach, beforeEach, expect, test } from 'bun:test';
import { appendFileSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LogOptions } from '../../../../src/model/runtime.ts';
import { readLogs } from '../../../../src/runtime/logs/read-logs.ts';

let path = '';
beforeEach(() => {
  path = join(mkdtempSync(join(tmpdir(), 'logs-')), 'log.json');
});
afterEach(() => rmSync(join(path, '..'), { recursive: true }));

const line = (text: string, second = 0): string =>
  `${JSON.stringify({ log: `${text}\n`, stream: 'stdout', time: `2026-01-01T00:00:${String(second).padStart(2, '0')}.000000000Z` })}\n`;
const lines = (from: number, to: number): string => Array.from({ length: to - from }, (_, index) => line(String(from + index))).join('');

async function texts(options: LogOptions = {}): Promise<string[]> {
  const found: string[] = [];
  for await (const { text } of readLogs(path, options, () => false)) found.push(text.trimEnd());
  return found;
}

test('all lines, through rotated files, oldest first', async () => {
  writeFileSync(`${path}.2`, lines(0, 2));
  writeFileSync(`${path}.1`, lines(2, 4));
  writeFileSync(path, lines(4, 6));
  expect(await texts()).toEqual(['0', '1', '2', '3', '4', '5']);
});

test('the tail reaches back into rotated files, and no further', async () => {
  writeFileSync(`${path}.1`, lines(0, 10));
  writeFileSync(path, lines(10, 12));
  expect(await texts({ tail: 3 })).toEqual(['9', '10', '11']);
  expect(await texts({ tail: 2 })).toEqual(['10', '11']);
  expect(await texts({ tail: 0 })).toEqual([]);
  expect(await texts({ tail: 100 })).toHaveLength(12);
});

test('the tail of a file larger than what is read at once', async () => {
  writeFileSync(path, lines(0, 20_000));
  expect(await texts({ tail: 5000 })).toEqual(Array.from({ length: 5000 }, (_, index) => String(15_000 + index)));
});

test('since and until are inclusive', async () => {
  writeFileSync(path, [0, 1, 2, 3].map((second) => line(String(second), second)).join(''));
  const at = (second: number): bigint => BigInt(Date.parse('2026-01-01T00:00:00Z') + second * 1000) * 1_000_000n;
  expect(await texts({ since: at(1), until: at(2) })).toEqual(['1', '2']);
});

test('a line that is no log line is passed over, a log that is not there is empty', async () => {
  expect(await texts()).toEqual([]);
  writeFileSync(path, `${line('a')}{"log":"cut of\n${line('b')}{"log":"unfini`);
  expect(await texts()).toEqual(['a', 'b']);
});

test('following goes through a rotation and ends with the container, having read all', async () => {
  writeFileSync(path, lines(0, 2));
  let running = true;
  const found: string[] = [];
  for await (const { text } of readLogs(path, { follow: true, tail: 1 }, () => running)) {
    found.push(text.trimEnd());
    if (text === '1\n') {
      appendFileSync(path, lines(2, 4));
      renameSync(path, `${path}.1`);
      writeFileSync(path, lines(4, 5));
    }
    if (text === '4\n') {
      // Two rotations between two looks: nothing may be lost.
      renameSync(`${path}.1`, `${path}.2`);
      renameSync(path, `${path}.1`);
      writeFileSync(path, lines(5, 7));
      running = false;
    }
  }
  expect(found).toEqual(['1', '2', '3', '4', '5', '6']);
});

test('following ends when it is called off', async () => {
  writeFileSync(path, lines(0, 1));
  const abort = new AbortController();
  const found: string[] = [];
  for await (const { text } of readLogs(path, { follow: true, signal: abort.signal }, () => true)) {
    found.push(text.trimEnd());
    abort.abort();
  }
  expect(found).toEqual(['0']);
});
