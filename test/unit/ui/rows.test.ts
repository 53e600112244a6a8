import { expect, test } from 'bun:test';
import { formatRows } from '../../../src/ui/rows.ts';

test('a broken template is refused also when there are no rows', () => {
  const columns = [{ heading: 'NAME', field: 'Name' }];
  expect(formatRows([], { format: '{{.Name}}', columns })).toBe('');
  expect(() => formatRows([], { format: '{{', columns })).toThrow();
  expect(() => formatRows([], { format: 'table {{', columns })).toThrow();
});
