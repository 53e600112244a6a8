import { expect, test } from 'bun:test';
import { readModeChange } from '../../../src/runtime/build/file-mode.ts';

test.each([
  ['0755', 0o600, false, 0o755],
  ['u=rwX,go=rX', 0o600, false, 0o644],
  ['u=rwX,go=rX', 0o600, true, 0o755],
  ['a+x', 0o644, false, 0o755],
  ['go-rwx', 0o777, false, 0o700],
  ['g=u', 0o640, false, 0o660],
  ['+t,u+s', 0o755, false, 0o5755],
  ['o=', 0o777, false, 0o770],
])('%s of %o', (text, mode, isFolder, expected) => {
  expect(readModeChange(text)(mode, isFolder)).toBe(expected);
});

test('what is no mode is refused', () => {
  for (const text of ['rw', 'u~x', '888', 'u=rwx,']) expect(() => readModeChange(text)).toThrow('--chmod=');
});
