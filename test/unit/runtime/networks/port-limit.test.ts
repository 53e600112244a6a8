import { expect, test } from 'bun:test';
import { portLimit } from '../../../../src/runtime/networks/port-limit.ts';

test('the hard limit of open files bounds the ports of a container', () => {
  expect(
    portLimit('Limit  Soft Limit  Hard Limit  Units\nMax open files            1024                 4096                 files\n'),
  ).toBe(3840);
  expect(portLimit('Max open files            100                 100                 files\n')).toBe(0);
  expect(portLimit('Max open files            1024                 unlimited                 files\n')).toBe(Infinity);
});
