import { MydockerError } from '../errors.ts';

type Row = Readonly<Record<string, unknown>>;
type GoFunction = (args: readonly unknown[]) => unknown;

export function isRow(value: unknown): value is Row {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Something with fields of its own, not a free map such as labels. */
export function isStruct(value: Row): boolean {
  const keys = Object.keys(value);
  return keys.length > 0 && keys.every((key) => /^[A-Z]/.test(key));
}

export function isTruthy(value: unknown): boolean {
  if (value === null || value === undefined || value === false || value === '' || value === 0) return false;
  return typeof value !== 'object' || Object.keys(value).length > 0;
}

/** Go goes through maps in the order of their keys. */
export function entriesOf(value: unknown): readonly (readonly [string | number, unknown])[] {
  if (Array.isArray(value)) return value.map((item: unknown, index) => [index, item] as const);
  if (typeof value === 'number') return Array.from({ length: value }, (_, index) => [index, index] as const);
  return isRow(value) ? Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)) : [];
}

/** As Go's fmt prints it: lists as `[a b]`, structs as `{a b}`, maps as `map[k:v]`, nothing as `<no value>`. */
export function textOf(value: unknown): string {
  if (value === null || value === undefined) return '<no value>';
  if (Array.isArray(value)) return `[${value.map(textOf).join(' ')}]`;
  if (isRow(value)) {
    if (isStruct(value)) return `{${Object.values(value).map(textOf).join(' ')}}`;
    return `map[${entriesOf(value)
      .map(([key, item]) => `${String(key)}:${textOf(item)}`)
      .join(' ')}]`;
  }
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** The functions of Docker's templates, by name. */
export const FUNCTIONS: Readonly<Record<string, GoFunction>> = {
  json: ([value]) => JSON.stringify(value ?? null),
  upper: ([value]) => textOf(value).toUpperCase(),
  lower: ([value]) => textOf(value).toLowerCase(),
  Label: ([labels, key]) => labelOf(labels, textOf(key)),
  title: ([value]) => textOf(value).replace(/\b\w/g, (letter) => letter.toUpperCase()),
  len: ([value]) => (typeof value === 'object' && value !== null ? Object.keys(value).length : Buffer.byteLength(textOf(value))),
  index: ([value, ...keys]) => keys.reduce(itemOf, value),
  join: ([value, separator]) => (Array.isArray(value) ? value.map(textOf).join(textOf(separator)) : textOf(value)),
  split: ([value, separator]) => textOf(value).split(textOf(separator)),
  truncate: ([value, length]) => textOf(value).slice(0, Number(length)),
  pad: ([value, before, after]) => (value === '' ? '' : `${' '.repeat(Number(before))}${textOf(value)}${' '.repeat(Number(after))}`),
  slice: ([value, from, to]) =>
    (Array.isArray(value) ? value : textOf(value)).slice(Number(from), to === undefined ? undefined : Number(to)),
  println: (args) => `${args.map(textOf).join(' ')}\n`,
  print: printed,
  printf: ([format, ...args]) => formatted(textOf(format), args),
  html: (args) =>
    printed(args).replace(
      /[<>&'"]/g,
      (letter) => ({ '<': '&lt;', '>': '&gt;', '&': '&amp;', "'": '&#39;', '"': '&#34;' })[letter] ?? letter,
    ),
  js: (args) => printed(args).replace(/[\\'"<>&=\n\r\t]/g, (letter) => (/[\\'"]/.test(letter) ? `\\${letter}` : escaped(letter))),
  urlquery: (args) => encodeURIComponent(printed(args)).replaceAll('%20', '+'),
  eq: ([value, ...others]) => others.some((other) => order(value, other) === 0),
  ne: ([left, right]) => order(left, right) !== 0,
  lt: ([left, right]) => order(left, right) < 0,
  le: ([left, right]) => order(left, right) <= 0,
  gt: ([left, right]) => order(left, right) > 0,
  ge: ([left, right]) => order(left, right) >= 0,
  not: ([value]) => !isTruthy(value),
  and: (args) => args.at(args.findIndex((value) => !isTruthy(value))),
  or: (args) => args.find(isTruthy) ?? args.at(-1),
};

function escaped(letter: string): string {
  return letter === '\n'
    ? '\\n'
    : letter === '\r'
      ? '\\r'
      : letter === '\t'
        ? '\\t'
        : `\\u00${letter.charCodeAt(0).toString(16).toUpperCase()}`;
}

/** Throws `usage` for values of different kinds, as Go does. */
function order(left: unknown, right: unknown): number {
  if (left === null || left === undefined || right === null || right === undefined) return (left ?? null) === (right ?? null) ? 0 : 1;
  if (typeof left !== typeof right || typeof left === 'object') {
    throw new MydockerError('usage', `template: incompatible types for comparison: ${textOf(left)} and ${textOf(right)}`);
  }
  const [a, b] = [left as string, right as string];
  return a < b ? -1 : a > b ? 1 : 0;
}

/** With a blank between two that are both no strings. */
function printed(args: readonly unknown[]): string {
  return args
    .map((arg, index) => (index > 0 && typeof arg !== 'string' && typeof args[index - 1] !== 'string' ? ' ' : '') + textOf(arg))
    .join('');
}

/** Rows have their labels as `a=1,b=2`. */
function labelOf(labels: unknown, key: string): unknown {
  if (isRow(labels)) return labels[key] ?? '';
  const found = textOf(labels)
    .split(',')
    .find((text) => text.startsWith(`${key}=`));
  return found?.slice(key.length + 1) ?? '';
}

function itemOf(value: unknown, key: unknown): unknown {
  if (Array.isArray(value)) {
    if (Number(key) >= value.length) throw new MydockerError('usage', `template: index out of range: ${textOf(key)}`);
    return value[Number(key)];
  }
  return isRow(value) ? value[textOf(key)] : undefined;
}

function formatted(format: string, args: readonly unknown[]): string {
  let next = 0;
  const text = format.replace(
    /%([-+ 0#]*)(\d*)(?:\.(\d+))?([a-zA-Z%])/g,
    (_, flags: string, width: string, precision: string | undefined, verb: string) => {
      if (verb === '%') return '%';
      if (next >= args.length) return `%!${verb}(MISSING)`;
      const digits = precision === undefined ? undefined : Number(precision);
      const value = verbText(verb, args[next++], digits);
      const signed = flags.includes('+') && /^\d/.test(value) ? `+${value}` : value;
      if (flags.includes('-')) return signed.padEnd(Number(width));
      return signed.padStart(Number(width), flags.includes('0') ? '0' : ' ');
    },
  );
  return next < args.length
    ? `${text}%!(EXTRA ${args
        .slice(next)
        .map((arg) => `${typeOf(arg)}=${textOf(arg)}`)
        .join(', ')})`
    : text;
}

function verbText(verb: string, value: unknown, digits: number | undefined): string {
  const wrong = `%!${verb}(${typeOf(value)}=${textOf(value)})`;
  switch (verb) {
    case 'v':
    case 's':
      return verb === 's' && typeof value !== 'string' && typeof value !== 'object' ? wrong : textOf(value).slice(0, digits);
    case 'q':
      return JSON.stringify(textOf(value));
    case 'd':
      return typeof value === 'number' ? String(value) : wrong;
    case 't':
      return typeof value === 'boolean' ? String(value) : wrong;
    case 'f':
      return typeof value === 'number' ? value.toFixed(digits ?? 6) : wrong;
    case 'x':
    case 'X': {
      const hex = typeof value === 'number' ? value.toString(16) : Buffer.from(textOf(value)).toString('hex');
      return verb === 'x' ? hex : hex.toUpperCase();
    }
    case 'T':
      return typeOf(value);
    default:
      return wrong;
  }
}

function typeOf(value: unknown): string {
  return typeof value === 'string' ? 'string' : typeof value === 'number' ? 'int' : typeof value === 'boolean' ? 'bool' : 'interface {}';
}
