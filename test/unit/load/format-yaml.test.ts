import { expect, test } from 'bun:test';
import { formatScalar } from '../../../src/load/format-scalar.ts';
import { formatYaml } from '../../../src/load/output/format-yaml.ts';

test.each<[unknown, string]>([
  ['2024-01-01', '"2024-01-01"'],
  ['2024-01-01T10:00:00Z', '"2024-01-01T10:00:00Z"'],
  ['2024-01-01-build', '2024-01-01-build'],
  ['x\u0085y', '"x\\Ny"'],
  ['x\u2028y\u0007', '"x\\Ly\\a"'],
  ['\0\x01\x7f\r', '"\\0\\x01\\x7F\\r"'],
  ['  a\n b\n', '|2\n    a\n   b'],
  ['\n a', '|2-\n\n   a'],
  ['\n', '|2+\n'],
  ['a\t\nb\t', '|-\n  a\t\n  b\t'],
  ['a \nb', '"a \\nb"'],
  ['\ufeffx', '"\\uFEFFx"'],
  [Infinity, '.inf'],
  [-Infinity, '-.inf'],
  [NaN, '.nan'],
])('%j is written as %s', (value, text) => {
  expect(formatYaml({ k: value })).toBe(`k: ${text}\n`);
});

test.each<[number, string]>([
  [1000000, '1000000'],
  [1234567.5, '1.2345675e+06'],
  [999999.5, '999999.5'],
  [1e20, '1e+20'],
  [0.00001, '1e-05'],
])('the number %d as text is %s', (value, text) => {
  expect(formatScalar(value)).toBe(text);
});
