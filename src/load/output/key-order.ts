type Compare = (a: string, b: string) => number;

/** Keys of a JSON object as Docker Compose prints them: by code unit. */
export const byCode: Compare = (a, b) => (a < b ? -1 : a > b ? 1 : 0);

const LETTER = /\p{L}/u;
const DIGITS = /^\d+/;

/**
 * Keys of a YAML mapping as Docker Compose prints them: `a9` before `a10`, punctuation before digits before letters,
 * but a name that goes on with letters after its digits before one that goes on otherwise.
 */
export const natural: Compare = (a, b) => {
  const [left, right] = [[...a], [...b]];
  const start = left.findIndex((character, index) => character !== right[index]);
  if (start === -1) return left.length - right.length;
  const [first, second] = [left[start], right[start]];
  if (first === undefined || second === undefined) return left.length - right.length;
  const letters = [LETTER.test(first), LETTER.test(second)];
  if (letters[0] !== letters[1]) return letters[0] === /\d/.test(left[start - 1] ?? '') ? -1 : 1;
  if (letters[0] === false) {
    const [digits, others] = [digitsAt(left, start), digitsAt(right, start)];
    if (Number(digits) !== Number(others)) return Number(digits) - Number(others);
    if (digits.length !== others.length) return digits.length - others.length;
  }
  return byCode(first, second);
};

/** All digits around `index`; empty where there is none. */
function digitsAt(characters: readonly string[], index: number): string {
  let start = index;
  while (start > 0 && /\d/.test(characters[start - 1] ?? '')) start--;
  return DIGITS.exec(characters.slice(start).join(''))?.[0] ?? '';
}

export function sortKeys<T>(record: Readonly<Record<string, T>>, compare: Compare): Record<string, T> {
  return Object.fromEntries(Object.entries(record).sort(([a], [b]) => compare(a, b)));
}

const INTEGER = /^(0|[1-9]\d*)$/;

/**
 * The entries of a record as they were put in. JavaScript moves keys that are integers to the front; only names that a
 * user chose look like that, and a mapping of such names is printed in order.
 */
export function entriesInOrder<T>(record: Readonly<Record<string, T>>, compare: Compare): [string, T][] {
  const entries = Object.entries(record);
  return INTEGER.test(entries[0]?.[0] ?? '') ? entries.sort(([a], [b]) => compare(a, b)) : entries;
}

/** The value with the keys of all its mappings in order. */
export function sortDeep(value: unknown, compare: Compare): unknown {
  if (Array.isArray(value)) return value.map((item) => sortDeep(item, compare));
  if (typeof value !== 'object' || value === null) return value;
  const sorted = sortKeys(value as Record<string, unknown>, compare);
  return Object.fromEntries(Object.entries(sorted).map(([key, item]) => [key, sortDeep(item, compare)]));
}
