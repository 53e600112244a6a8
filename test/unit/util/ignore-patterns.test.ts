import { expect, test } from 'bun:test';
import { IgnorePatterns } from '../../../src/util/ignore-patterns.ts';

test('patterns are cleaned as paths are', () => {
  const patterns = new IgnorePatterns(['a/../b', './c//d', '../e']);
  expect(['b', 'c/d', 'e', 'a'].map((path) => patterns.ignores(path))).toEqual([true, true, true, false]);
});

test('a bracket that is not closed is an error, an escaped one is not', () => {
  expect(() => new IgnorePatterns(['[a'])).toThrow('syntax error in pattern "[a"');
  expect(new IgnorePatterns(['\\[a', '[b]c']).ignores('bc')).toBe(true);
});
