import { expect, test } from 'bun:test';
import { capabilitiesOf, maskOf } from '../../../../src/runtime/containers/capabilities.ts';

const plain = { privileged: false, capAdd: [], capDrop: [] };

test("the default is Docker's: 00000000a80425fb", () => {
  expect(maskOf(capabilitiesOf(plain))).toBe('a80425fb');
});

test('added and dropped, with or without CAP_, in any case', () => {
  expect(maskOf(capabilitiesOf({ ...plain, capAdd: ['cap_sys_admin'], capDrop: ['Mknod', 'CAP_CHOWN'] }))).toBe('a02425fa');
});

test('ALL added is all, ALL dropped is none, and the other list still counts', () => {
  expect(maskOf(capabilitiesOf({ ...plain, capAdd: ['ALL'] }))).toBe('1ffffffffff');
  expect(capabilitiesOf({ ...plain, capDrop: ['all'] })).toEqual([]);
  expect(capabilitiesOf({ ...plain, capDrop: ['ALL'], capAdd: ['NET_RAW'] })).toEqual(['NET_RAW']);
  expect(capabilitiesOf({ ...plain, capAdd: ['ALL'], capDrop: ['SYS_ADMIN'] })).not.toContain('SYS_ADMIN');
});

test('privileged is all, whatever the lists say', () => {
  expect(maskOf(capabilitiesOf({ ...plain, privileged: true, capDrop: ['ALL'] }))).toBe('1ffffffffff');
});

test('an unknown name is refused and named', () => {
  expect(() => capabilitiesOf({ ...plain, capAdd: ['SYS_ADMN'] })).toThrow(/SYS_ADMN/);
});
