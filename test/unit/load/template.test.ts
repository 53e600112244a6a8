import { describe, expect, test } from 'bun:test';
import { findReferences, substitute } from '../../../src/load/interpolate/template.ts';

const variables: Readonly<Record<string, string>> = { FOO: 'foo', EMPTY: '', JSON: '{"a":1}' };
const expand = (template: string): string => substitute(template, { lookup: (name) => variables[name] });

test.each([
  ['', ''],
  ['plain', 'plain'],
  ['$FOO', 'foo'],
  ['${FOO}', 'foo'],
  ['a$FOO-b', 'afoo-b'],
  ['$FOO_', ''],
  ['$UNSET', ''],
  ['$$FOO', '$FOO'],
  ['$${FOO}', '${FOO}'],
  ['a$', 'a$'],
  ['$1 $-', '$1 $-'],
  ['${FOO:-x}${FOO-x}', 'foofoo'],
  ['${EMPTY:-x}', 'x'],
  ['${EMPTY-x}', ''],
  ['${UNSET:-x}${UNSET-y}', 'xy'],
  ['${UNSET:-}', ''],
  ['${FOO:+x}${FOO+y}', 'xy'],
  ['${EMPTY:+x}', ''],
  ['${EMPTY+x}', 'x'],
  ['${UNSET:+x}${UNSET+y}', ''],
  ['${FOO:?no}${FOO?no}', 'foofoo'],
  ['${EMPTY?no}', ''],
  ['${UNSET:-${FOO}}', 'foo'],
  ['${UNSET:-${NONE:-$FOO}}', 'foo'],
  ['${UNSET:-a:b-c?d+e}', 'a:b-c?d+e'],
  ['${UNSET:-{"a":{}}}!', '{"a":{}}!'],
  ['${UNSET:-{}', '{'],
])('%p becomes %p', (template, expected) => {
  expect(expand(template)).toBe(expected);
});

test.each(['${', '${}', '${FOO', '${1}', '${ FOO }', '${FOO:}', '${FOO!}', '${UNSET-${FOO}', '${FOO:-${}}'])(
  '%p is refused',
  (template) => {
    expect(() => expand(template)).toThrow('invalid interpolation format');
  },
);

describe('a required variable', () => {
  test.each([
    ['${UNSET:?}', 'required variable UNSET is missing a value'],
    ['${UNSET?}', 'required variable UNSET is missing a value'],
    ['${EMPTY:?give ${FOO}}', 'required variable EMPTY is missing a value: give foo'],
  ])('%p fails', (template, message) => {
    expect(() => expand(template)).toThrow(message);
  });
});

test('a variable that is not set is reported by its name, one with a default is not', () => {
  const missing: string[] = [];
  substitute('$A ${B} ${C:-x} $FOO', { lookup: (name) => variables[name], missing: (name) => missing.push(name) });
  expect(missing).toEqual(['A', 'B']);
});

test('references are found in operands too', () => {
  expect(findReferences('$A ${B:-${C:?m}}')).toEqual([
    { name: 'A', operator: '', operand: '' },
    { name: 'B', operator: ':-', operand: '${C:?m}' },
    { name: 'C', operator: ':?', operand: 'm' },
  ]);
});
