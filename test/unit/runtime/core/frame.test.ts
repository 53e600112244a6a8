import { expect, test } from 'bun:test';
import { encodeRequest, LineSplitter } from '../../../../src/runtime/core/frame.ts';

test('a request is its length and NUL-terminated strings', () => {
  const frame = encodeRequest('7', 'start', [
    ['env', 'A=ü'],
    ['env', 'B='],
  ]);
  expect(frame.readUInt32LE(0)).toBe(frame.length - 4);
  expect(frame.subarray(4).toString()).toBe('7\0start\0env=A=ü\0env=B=\0');
});

test('a value with a NUL byte is refused', () => {
  expect(() => encodeRequest('1', 'x', [['env', 'A=\0arg=evil']])).toThrow(TypeError);
});

test('lines are cut wherever chunks end, also inside a character', () => {
  const bytes = Buffer.from('ä\nb\nc');
  const lines = new LineSplitter();
  expect([...bytes].flatMap((byte) => lines.push(Uint8Array.of(byte)))).toEqual(['ä', 'b']);
  expect(lines.push(Buffer.from('\n'))).toEqual(['c']);
});
