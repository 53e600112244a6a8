import { formatScalar } from '../format-scalar.ts';
import { boolean, decimal, integer, type Cast } from '../interpolate/casts.ts';
import { positionOf, type Problems } from '../problems.ts';
import { formatPath, isMapping, originAt, type Mapping, type Value } from '../tree.ts';
import { formatDuration, parseDuration, parseSize } from './units.ts';

/** Gives a value of the dictionary its type in the project; undefined leaves the key out, as Go's `omitempty` does. */
export type Kind = (value: Value, decoder: Decoder) => unknown;

export class Decoder {
  readonly path: (string | number)[] = [];
  private readonly root: Mapping;
  private readonly problems: Problems;

  constructor(root: Mapping, problems: Problems) {
    this.root = root;
    this.problems = problems;
  }

  decode(kind: Kind, value: Value, key: string | number): unknown {
    this.path.push(key);
    const result = kind(value, this);
    this.path.pop();
    return result;
  }

  warn(message: string, hint: string): void {
    const path = [...this.path];
    this.problems.warn(`${formatPath(path)}: ${message}`, { path, position: positionOf(originAt(this.root, path)), hint });
  }

  fail(message: string): undefined {
    this.problems.addAt(this.root, [...this.path], message);
    return undefined;
  }
}

export const text: Kind = (value, decoder) => {
  if (value === null || value === '') return undefined;
  if (typeof value === 'object') {
    decoder.fail('must be a string');
    return;
  }
  return formatScalar(value);
};

function cast(value: Value, to: Cast, decoder: Decoder): Value | undefined {
  if (value === null) return undefined;
  if (typeof value !== 'string') return value;
  const result = to.apply(value);
  if (result === undefined) decoder.fail(`${JSON.stringify(value)} is not ${to.wanted}`);
  return result;
}

/** false is kept: it differs from what is not said. */
export const optionalFlag: Kind = (value, decoder) => cast(value, boolean, decoder);
export const flag: Kind = (value, decoder) => (optionalFlag(value, decoder) === true ? true : undefined);
export const optionalInt: Kind = (value, decoder) => {
  const number = cast(value, integer, decoder);
  if ((typeof number === 'number' || typeof number === 'bigint') && !fitsInt64(number)) {
    decoder.fail(`${formatScalar(number)} is out of range`);
    return;
  }
  if (typeof number === 'number' && !Number.isInteger(number)) return Math.trunc(number);
  return number;
};

function fitsInt64(number: number | bigint): boolean {
  return number >= -(2n ** 63n) && number < 2n ** 63n;
}

export const unsigned: Kind = (value, decoder) => {
  const number = optionalInt(value, decoder);
  if (typeof number === 'number' && number < 0) decoder.fail(`${String(number)} is negative`);
  return number;
};
export const unlessZero =
  (kind: Kind): Kind =>
  (value, decoder) =>
    kind(value, decoder) || undefined;
export const int = unlessZero(optionalInt);
export const float: Kind = (value, decoder) => {
  const number = cast(value, decimal, decoder);
  // Docker Compose keeps these in 32 bits.
  return typeof number === 'number' ? shortest(Math.fround(number)) || undefined : undefined;
};

function shortest(single: number): number {
  for (let digits = 1; digits < 10; digits += 1) {
    const candidate = Number(single.toPrecision(digits));
    if (Math.fround(candidate) === single) return candidate;
  }
  return single;
}

export const size: Kind = (value, decoder) => {
  if (value === null) return undefined;
  const bytes = typeof value === 'string' ? parseSize(value) : Number(value);
  if (bytes === undefined || !fitsInt64(bytes)) {
    decoder.fail(`invalid size: ${JSON.stringify(formatScalar(value))}`);
    return;
  }
  return bytes === 0 ? undefined : String(Math.trunc(bytes));
};

export const duration: Kind = (value, decoder) => {
  if (value === null) return undefined;
  const nanoseconds = parseDuration(formatScalar(value));
  if (nanoseconds !== undefined) return formatDuration(nanoseconds);
  decoder.fail(`${JSON.stringify(value)} is not a duration: write for example 1m30s`);
};

/** Zero counts as not said. */
export const durationUnlessZero: Kind = (value, decoder) => {
  const text = duration(value, decoder);
  return text === '0s' ? undefined : text;
};

export const any: Kind = (value) => value;

/** Drops an empty result. */
export const list =
  (item: Kind): Kind =>
  (value, decoder) => {
    const entries = Array.isArray(value) ? value : value === null ? [] : [value];
    const result: unknown[] = [];
    entries.forEach((entry, index) => {
      const decoded = decoder.decode(item, entry, index);
      if (decoded !== undefined) result.push(decoded);
    });
    return result.length > 0 ? result : undefined;
  };

/** The keys are names; a value that decodes to nothing becomes `empty`. */
export const mapOf =
  (item: Kind, empty: () => unknown = () => null): Kind =>
  (value, decoder) => {
    if (value === null) return undefined;
    if (!isMapping(value)) {
      decoder.fail('must be a mapping');
      return;
    }
    const result: Record<string, unknown> = {};
    for (const key of Object.keys(value).sort()) {
      result[key] = decoder.decode(item, value[key] as Value, key) ?? empty();
    }
    return Object.keys(result).length > 0 ? result : undefined;
  };

export type Shape = readonly (readonly [key: string, kind: Kind])[];

/** In the order in which they are printed. */
export function keysOf(shape: Shape): readonly string[] {
  return shape.map(([key]) => key);
}

/** An object with the keys of `shape`, in its order, then the extensions. Never undefined. */
export const struct = (shape: Shape): Kind => {
  const known = new Set(shape.map(([key]) => key));
  return (value, decoder) => {
    if (value === null) return {};
    if (!isMapping(value)) {
      decoder.fail('must be a mapping');
      return;
    }
    const result: Record<string, unknown> = {};
    for (const [key, kind] of shape) {
      const own = value[key];
      if (own === undefined) continue;
      const decoded = decoder.decode(kind, own, key);
      if (decoded !== undefined) result[key] = decoded;
    }
    for (const key of Object.keys(value).sort()) {
      if (!known.has(key) && key.startsWith('x-')) result[key] = value[key];
    }
    return result;
  };
};

/** With a value for each of these keys, as Docker Compose prints them even where they are not said. */
export const complete =
  (kind: Kind, defaults: Readonly<Record<string, unknown>>): Kind =>
  (value, decoder) => ({ ...defaults, ...(kind(value, decoder) as object) });

/** Absent when null. */
export const optional =
  (kind: Kind): Kind =>
  (value, decoder) =>
    value === null ? undefined : kind(value, decoder);

/** Absent when it comes out empty. */
export const unlessEmpty =
  (kind: Kind): Kind =>
  (value, decoder) => {
    const result = kind(value, decoder);
    return isMapping(result) && Object.keys(result).length === 0 ? undefined : result;
  };
