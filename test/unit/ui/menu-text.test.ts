import { expect, test } from 'bun:test';
import { menuText } from '../../../src/ui/menu-text.ts';

const ITEMS = [
  { key: 'w', text: 'Enable Watch' },
  { key: 'd', text: 'Detach' },
];

test('items that fit are shown whole, then keys alone, never more than the columns', () => {
  expect(menuText(ITEMS, 80, false)).toBe('w Enable Watch   d Detach');
  expect(menuText(ITEMS, 25, false)).toBe('w Enable Watch   d Detach');
  expect(menuText(ITEMS, 24, false)).toBe('w Enable Watch');
  expect(menuText(ITEMS, 13, false)).toBe('w d');
  expect(menuText(ITEMS, 2, false)).toBe('w ');
  expect(menuText(ITEMS, 0, false)).toBe('');
});

test('colours add nothing to the width', () => {
  expect(menuText(ITEMS, 14, true)).toBe('\u001b[1mw\u001b[0m \u001b[2mEnable Watch\u001b[0m');
});
