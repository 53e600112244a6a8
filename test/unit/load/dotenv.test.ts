import { describe, expect, test } from 'bun:test';
import { parseDotenv } from '../../../src/load/environment/dotenv.ts';

const outer: Readonly<Record<string, string>> = { OUTER: 'outer' };
const parse = (text: string): unknown => {
  const { entries, error } = parseDotenv(text, (name) => outer[name]);
  return error === undefined
    ? Object.fromEntries(entries.map(({ name, value }) => [name, value]))
    : `${String(error.offset)}: ${error.message}`;
};

test.each<[string, Record<string, string>]>([
  ['', {}],
  ['# comment\n\n  # another\n', {}],
  ['A=1\nB=2', { A: '1', B: '2' }],
  ['A = spaced  \n', { A: 'spaced' }],
  ['A: yaml\n', { A: 'yaml' }],
  ['export A=1', { A: '1' }],
  ['A=\nB=""', { A: '', B: '' }],
  ['A=a=b', { A: 'a=b' }],
  ['A=x # comment\nB=x#y', { A: 'x', B: 'x#y' }],
  [`A='$OUTER \\n'`, { A: '$OUTER \\n' }],
  ['A="a\\tb\\n\\"c\\" \\\\"', { A: 'a\tb\n"c" \\' }],
  ['A="two\nlines"\nB=1', { A: 'two\nlines', B: '1' }],
  ['A="x" # comment', { A: 'x' }],
  ['A=$OUTER-${B:-d}', { A: 'outer-d' }],
  ['A=1\nB=${A}2', { A: '1', B: '12' }],
  ['A="\\$OUTER $$OUTER"', { A: '$OUTER $OUTER' }],
  ['OUTER\nNONE\n', { OUTER: 'outer' }],
  ['\uFEFFA=1', { A: '1' }],
  ['A.B=1\nA-B=2\nA[0]=3', { 'A.B': '1', 'A-B': '2', 'A[0]': '3' }],
])('%j', (text, expected) => {
  expect(parse(text)).toEqual(expected);
});

describe('an error has its offset', () => {
  test.each([
    ['A=1\nB C=2', '4: key cannot contain a space: "B C"'],
    ['A$=1', '1: unexpected character "$" in variable name "A$=1"'],
    ['A=1\nB="open', '6: unterminated quoted value "open'],
    ['A=1\nB=${', '4: invalid interpolation format: B=${'],
    ['B=${MUST:?say it}', '0: required variable MUST is missing a value: say it'],
  ])('%j', (text, expected) => {
    expect(parse(text)).toBe(expected);
  });
});
