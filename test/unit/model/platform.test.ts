import { expect, test } from 'bun:test';
import { isForPlatform, readPlatform } from '../../../src/model/platform.ts';

test('platforms are read with their short and other names', () => {
  expect(readPlatform('linux/arm64/v8')).toEqual({ os: 'linux', architecture: 'arm64', variant: 'v8' });
  expect(readPlatform('aarch64')).toEqual({ os: 'linux', architecture: 'arm64' });
  expect(readPlatform('linux', 'riscv64')).toEqual({ os: 'linux', architecture: 'riscv64' });
  for (const text of ['foo', '', 'linux/', 'a/b/c/d']) expect(readPlatform(text)).toBeUndefined();
});

test('an image that says nothing of itself is for every platform', () => {
  expect(isForPlatform({ os: 'linux', architecture: 'amd64' }, 'linux/x86_64')).toBe(true);
  expect(isForPlatform({ os: 'linux', architecture: 'amd64' }, 'linux/arm64')).toBe(false);
  expect(isForPlatform({ os: '', architecture: '' }, 'linux/arm64')).toBe(true);
});
