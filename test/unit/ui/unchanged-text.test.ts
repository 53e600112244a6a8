import { expect, test } from 'bun:test';
import { unchangedText } from '../../../src/ui/progress.ts';

const names = ['demo-a-1', 'demo-b-1'];

test.each([
  ['plain', ' Container demo-a-1  Running\n Container demo-b-1  Running\n'],
  ['tty', ' ✔ Container demo-a-1  Running\n ✔ Container demo-b-1  Running\n'],
  ['json', '{"id":"Container demo-a-1","status":"Running"}\n{"id":"Container demo-b-1","status":"Running"}\n'],
  ['quiet', ''],
] as const)('where there is nothing to do, %s progress names what runs', (mode, text) => {
  expect(unchangedText(names, { mode, color: false, dryRun: false })).toBe(text);
});
