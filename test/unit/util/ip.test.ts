import { isIP as isIPOfNode } from 'node:net';
import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { contains, formatAddress, formatCidr, isIP, overlaps, parseAddress, parseCidr } from '../../../src/util/ip.ts';

test.each([
  ['10.0.0.1', '10.0.0.1'],
  ['FD00:0:0::1', 'fd00::1'],
  ['1:0:0:2:0:0:0:3', '1:0:0:2::3'],
  ['::', '::'],
  ['::ffff:1.2.3.4', '::ffff:102:304'],
  ['1:2:3:4:5:6:7:0', '1:2:3:4:5:6:7:0'],
])('%s is written %s', (text, wanted) => {
  const address = parseAddress(text);
  expect(address === undefined ? undefined : formatAddress(address)).toBe(wanted);
});

test.each(['', '1.2.3', '1.2.3.256', 'fe80::1%eth0', 'web'])('%p is no address', (text) => {
  expect(parseAddress(text)).toBeUndefined();
});

test.each(['10.0.0.0', '10.0.0.0/33', 'fd00::/129', '10.0.0.0/', '10.0.0.0/8/8'])('%p is no range', (text) => {
  expect(parseCidr(text)).toBeUndefined();
});

test('a range is written without the bits behind its prefix', () => {
  const cidr = parseCidr('172.18.5.6/16');
  expect(cidr === undefined ? '' : formatCidr(cidr)).toBe('172.18.0.0/16');
});

test('ranges overlap when one holds the other, and only within a family', () => {
  const range = (text: string) => parseCidr(text) ?? { family: 4 as const, base: 0n, prefix: 32 };
  expect(overlaps(range('10.0.0.0/8'), range('10.1.0.0/16'))).toBe(true);
  expect(overlaps(range('10.0.0.0/16'), range('10.1.0.0/16'))).toBe(false);
  expect(overlaps(range('0.0.0.0/0'), range('fd00::/8'))).toBe(false);
  expect(contains(range('10.0.0.0/8'), { family: 4, value: 0x0affffffn })).toBe(true);
});

test('what is an address is what node:net says', () => {
  const part = fc.oneof(fc.integer({ min: 0, max: 300 }).map(String), fc.constantFrom('', '01', '00', '1 ', 'a', '256', '0x1', 'ffff'));
  const four = fc.array(part, { minLength: 3, maxLength: 5 }).map((parts) => parts.join('.'));
  const six = fc.array(part, { minLength: 1, maxLength: 9 }).map((parts) => parts.join(':'));
  fc.assert(
    fc.property(fc.oneof(four, six, fc.ipV4(), fc.ipV6(), fc.string()), (text) => {
      expect(isIP(text)).toBe(isIPOfNode(text) as 0 | 4 | 6);
    }),
    { numRuns: 2000 },
  );
});
