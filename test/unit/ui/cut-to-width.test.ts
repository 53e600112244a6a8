import { expect, test } from 'bun:test';
import { cutToWidth } from '../../../src/ui/cut-to-width.ts';

test('what fits is left alone, the rest ends in an ellipsis', () => {
  expect(cutToWidth('abcdef', 6)).toBe('abcdef');
  expect(cutToWidth('abcdef', 5)).toBe('abcd…');
  expect(cutToWidth('abcdef', 1)).toBe('…');
  expect(cutToWidth('abcdef', 0)).toBe('');
  expect(cutToWidth('✔ äöü', 4)).toBe('✔ ä…');
});

test('colours take no room and are always ended', () => {
  const text = 'a\u001b[32mbcd\u001b[0mef';
  expect(cutToWidth(text, 6)).toBe(text);
  expect(cutToWidth(text, 4)).toBe('a\u001b[32mbc…\u001b[0m');
  expect(cutToWidth(text, 2)).toBe('a\u001b[32m…\u001b[0m');
});
