import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { Problems } from '../../../src/load/problems.ts';
import { Source } from '../../../src/load/source.ts';
import { originAt, type Value } from '../../../src/load/tree.ts';
import { readPlainYaml } from '../../../src/load/yaml/read-plain-yaml.ts';
import { readYaml } from '../../../src/load/yaml/read-yaml.ts';

const source = (text: string): Source => new Source('f', 'f', text);
const show = (value: unknown): string =>
  JSON.stringify(value, (_key, item: unknown) => (typeof item === 'bigint' ? `${String(item)}n` : item));

function full(text: string): { values: Value[]; errors: string[] } {
  const problems = new Problems();
  const documents = readYaml(source(text), problems);
  try {
    problems.throwIfAny();
  } catch (error) {
    return { values: [], errors: [(error as Error).message] };
  }
  return { values: documents.map(({ root }) => root), errors: [] };
}

const FEATURES = [
  'a: 1\nb: [x, "y", {z: null}]\n',
  'a:\n- 1\n- b: 2\n  c: 3\n-\n  - 4\nd:\n',
  'a: &x {b: 1}\nc:\n  <<: *x\n  d: 2\ne: {b: 3}\nf: *x\n',
  'x: &x {a: 1}\ny: &y\n  b: 2\nz:\n  <<: [*x, *y]\n',
  'a: |\n  one\n   two\n\n  three\nb: |-\n  x\nc: "q\\n\\"z\\""\nd: \'it\'\'s\'\n',
  '---\n# comment\na: b # comment\n"k: v": c#d\n',
  'a: {b: [1,\n  2], c: "x"}\n',
  'a: http://x:80/?q=1\nb: -1\nc: - x\n',
];

describe('the plain reader', () => {
  test.each(FEATURES)('reads %j as the full one does, or leaves it', (text) => {
    const plain = readPlainYaml(source(text));
    if (plain !== undefined) expect(show(full(text).values)).toBe(show([plain]));
  });

  test('takes what nearly all files are written in', () => {
    expect(FEATURES.slice(0, -1).filter((text) => readPlainYaml(source(text)) === undefined)).toEqual([]);
  });

  test.each([
    'a: >\n  x\n',
    'a: !reset b\n',
    'a: b\n  c\n',
    'a: 1\na: 2\n',
    'a:\tb\n',
    '? a\n: b\n',
    'a: [b\n',
    'a: "b\n',
    '- a\n',
    'a: *b\n',
    'a: 1\n---\nb: 2\n',
    ' a: 1\nb: 2\n',
  ])('leaves %j to the full one', (text) => {
    expect(readPlainYaml(source(text))).toBeUndefined();
  });

  test('agrees with the full one on what is made from pieces of YAML', () => {
    const piece = fc.constantFrom(
      'a',
      'b: ',
      'c:',
      '\n',
      '\n  ',
      '\n- ',
      '- ',
      ' ',
      '#',
      ' #',
      '"',
      "'",
      '[',
      ']',
      '{',
      '}',
      ',',
      '&x ',
      '*x',
      '|',
      '<<: ',
      '1',
      '~',
      'k: v\n',
      '  l: w\n',
      '---\n',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 14 }), (pieces) => {
        // With a newline at the end: without one the library adds it to a literal block, against the specification.
        const text = `r: s\n${pieces.join('')}\n`;
        const plain = readPlainYaml(source(text));
        if (plain !== undefined) expect(show(full(text).values)).toBe(show([plain]));
      }),
      { numRuns: 3000 },
    );
  });

  test('gives the same positions', () => {
    const text = 'a:\n  - b: 1\n    c: [x, {d: 2}]\n  - "e"\n';
    const plain = readPlainYaml(source(text)) ?? null;
    const [library = null] = full(text).values;
    for (const path of [['a'], ['a', 0], ['a', 0, 'b'], ['a', 0, 'c', 1, 'd'], ['a', 1]]) {
      expect(originAt(plain, path)?.offset).toBe(originAt(library, path)?.offset);
    }
  });
});

describe('the full reader', () => {
  test.each<[string, unknown]>([
    ['a: >\n  x\n  y\n\n  z\n', { a: 'x y\nz\n' }],
    ['a: b\n  c\n', { a: 'b c' }],
    ['a: !!str 5\nb: !!int "6"\nc: !other d\n', { a: '5', b: 6, c: 'd' }],
    ['? a\n: b\n', { a: 'b' }],
  ])('%j', (text, expected) => {
    expect(full(text).values).toEqual([expected as Value]);
  });

  test('keeps documents apart', () => {
    expect(full('a: 1\n---\nb: 2\n').values).toEqual([{ a: 1 }, { b: 2 }]);
  });

  test.each([
    ['a: *a\n', "unknown anchor 'a'"],
    ['a: &a {b: *a}\n', "cycle detected: anchor 'a' contains itself at a.b"],
    ['a: {<<: 5}\n', 'a merge key (<<) takes a mapping or a list of mappings'],
    ['a: !!int x\n', "'x' is not an integer"],
    ['[a]: b\n', 'a key must be a string'],
  ])('refuses %j', (text, message) => {
    expect(full(text).errors).toEqual([message]);
  });
});

describe('hostile files are refused in bounded time', () => {
  test('aliases that multiply', () => {
    const levels = Array.from(
      { length: 12 },
      (_, level) =>
        `l${String(level)}: &l${String(level)} [${Array<string>(10)
          .fill(level === 0 ? 'x' : `*l${String(level - 1)}`)
          .join(', ')}]`,
    );
    expect(full(levels.join('\n')).errors).toEqual(['the aliases of this file expand to too many values']);
    expect(readPlainYaml(source(levels.join('\n')))).toBeUndefined();
  });

  test.each([
    ['flow collections', `a: ${'['.repeat(10_000)}${']'.repeat(10_000)}`],
    ['block mappings', Array.from({ length: 2_000 }, (_, level) => `${' '.repeat(level)}a:`).join('\n')],
  ])('%s nested too deep', (_name, text) => {
    expect(readPlainYaml(source(text))).toBeUndefined();
    expect(full(text).errors).toEqual(['nested more than 200 levels deep']);
  });
});

test.each<[string, string]>([
  ['a: |2\n   x', ' x'],
  ['a: >\n  x', 'x'],
  ['a: |+\n  x', 'x'],
  ['a: |\n  x\n', 'x\n'],
])('a block at the end of the file, %j', (text, value) => {
  expect(full(text).values).toEqual([expect.objectContaining({ a: value })]);
});

test('a number beyond what a float holds is text', () => {
  expect(full('a: 1e400\n').values).toEqual([expect.objectContaining({ a: '1e400' })]);
});
