import { afterEach, beforeEach, expect, test } from 'bun:test';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkName, NameIndex } from '../../../../src/runtime/store/names.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'names-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

test('a name that is held is refused, a stale one is taken over', () => {
  const names = new NameIndex(folder);
  names.reserve('web', 'a'.repeat(64), () => false);
  expect(() => names.reserve('web', 'b'.repeat(64), () => true)).toThrow(expect.objectContaining({ code: 'conflict' }));
  expect(names.lookUp('web')).toBe('a'.repeat(64));
  names.reserve('web', 'b'.repeat(64), () => false);
  expect(names.lookUp('web')).toBe('b'.repeat(64));
});

test('only its holder gives a name back', () => {
  const names = new NameIndex(folder);
  names.reserve('web', 'a', () => false);
  names.release('web', 'b');
  expect(names.lookUp('web')).toBe('a');
  names.release('web', 'a');
  expect(names.lookUp('web')).toBeUndefined();
});

test.each(['a', '', '.hidden', '../x', 'a/b', '-a', 'ü1', 'a b'])('the name %p is refused', (name) => {
  expect(() => checkName(name, 'volume')).toThrow(expect.objectContaining({ code: 'invalid' }));
});

test.each(['a1', 'a_b-c.d', 'A.b'])('the name %p is allowed', (name) => {
  expect(() => checkName(name, 'volume')).not.toThrow();
});

test('the second name of a cut-off rename is given back with the container, names of others stay', () => {
  const names = new NameIndex(folder);
  for (const name of ['old', 'new']) names.reserve(name, 'a', () => false);
  names.reserve('other', 'b', () => false);
  names.release('new', 'a');
  names.releaseRest('a', 1);
  expect([names.lookUp('old'), names.lookUp('new'), names.lookUp('other')]).toEqual([undefined, undefined, 'b']);
});
