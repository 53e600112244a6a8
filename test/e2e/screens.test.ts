import { expect, test } from 'bun:test';
import { readFileSync } from 'node:fs';
import { documentOf, withoutTimes } from '../../scripts/screens/document.ts';
import { capture } from '../../scripts/screens/scenes.ts';

const page = new URL('../../docs/screens.md', import.meta.url).pathname;

test('docs/screens.md shows what the program shows (else: npm run screens)', async () => {
  const seen = (text: string): string => withoutTimes(text).trimEnd();
  expect(seen(documentOf(await capture()))).toBe(seen(readFileSync(page, 'utf8')));
}, 60_000);
