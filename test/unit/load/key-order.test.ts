import { expect, test } from 'bun:test';
import { byCode, natural, sortDeep } from '../../../src/load/output/key-order.ts';

test('names come in natural order: punctuation, numbers by their value, capitals, small letters', () => {
  expect(['b', 'a10', 'ab', 'a9', 'B', 'a_b', 'a-b', 'a', 'a09'].sort(natural)).toEqual([
    'B',
    'a',
    'a-b',
    'a_b',
    'a9',
    'a09',
    'a10',
    'ab',
    'b',
  ]);
});

test('after a number a letter comes before punctuation', () => {
  expect(['v1-x', 'v1x', 'v1'].sort(natural)).toEqual(['v1', 'v1x', 'v1-x']);
});

test('mappings are sorted at every depth, lists stay', () => {
  const sorted = sortDeep({ z: [{ b: 1, a: 2 }, 3], a: { d: 1, c: null } }, byCode);
  expect(JSON.stringify(sorted)).toBe('{"a":{"c":null,"d":1},"z":[{"a":2,"b":1},3]}');
});
