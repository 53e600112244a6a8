import * as z from 'zod/mini';

/** What zod cannot express but JSON Schema can, kept beside the schemas it belongs to. */
export interface Marks {
  /** Objects that do not even take `x-` keys. */
  readonly closed: WeakSet<object>;
  readonly unique: WeakSet<object>;
}
export const marks: Marks = { closed: new WeakSet(), unique: new WeakSet() };

export const UNIQUE = 'unique';
export const NAME = /^[a-zA-Z0-9._-]+$/;

/** Only these keys, and `x-` ones, which the loader takes out of the issues. */
export function open<T extends z.core.$ZodShape>(shape: T): z.ZodMiniObject<T, z.core.$strict> {
  return z.strictObject(shape);
}

/** Only these keys. */
export function closed<T extends z.core.$ZodShape>(shape: T): z.ZodMiniObject<T, z.core.$strict> {
  const schema = z.strictObject(shape, 'closed');
  marks.closed.add(schema);
  return schema;
}

export function unique<T extends z.core.SomeType>(item: T): z.ZodMiniArray<T> {
  const schema = z.array(item).check((context) => {
    const seen = new Set<string>();
    context.value.forEach((entry, index) => {
      const key =
        typeof entry === 'string'
          ? `"${entry}`
          : JSON.stringify(entry, (_key, part: unknown) => (typeof part === 'bigint' ? String(part) : part));
      if (seen.has(key)) context.issues.push({ code: 'custom', input: entry, path: [index], message: UNIQUE, continue: true });
      seen.add(key);
    });
  });
  marks.unique.add(schema);
  return schema;
}

/** Built at first use: most files have few of the attributes, and building a schema takes longer than checking with it. */
export function lazy<T extends z.core.SomeType>(build: () => T): z.ZodMiniOptional<z.ZodMiniLazy<T>> {
  let built: T | undefined;
  return z.optional(z.lazy(() => (built ??= build())));
}

const text = z.string();
const wholeNumber = z.int();
const number = z.number();
const boolean = z.boolean();

export const required = { text, wholeNumber, number, boolean };

export const string = z.optional(text);
export const flag = z.optional(boolean);
/** A boolean, or text that becomes one. */
export const flagOrText = z.optional(z.union([boolean, text]));
export const numberOrText = z.optional(z.union([number, text]));
export const integerOrText = z.optional(z.union([wholeNumber, text]));
export const limitedInteger = (minimum: number, maximum?: number): z.ZodMiniType =>
  z.optional(
    z.union([
      text,
      maximum === undefined ? wholeNumber.check(z.minimum(minimum)) : wholeNumber.check(z.minimum(minimum), z.maximum(maximum)),
    ]),
  );

export const strings = z.array(text);
export const uniqueStrings = unique(text);
export const stringOrList = z.union([text, uniqueStrings]);
export const scalar = z.union([text, number, boolean, z.null()]);
/** `{A: 1}` or `["A=1"]`. */
export const listOrMap = z.union([z.record(text.check(z.minLength(1)), scalar), uniqueStrings]);
export const options = z.record(text, z.union([text, number]));
export const command = z.union([z.null(), text, strings]);
export const extraHosts = z.union([z.record(text, z.union([text, strings])), uniqueStrings]);
export const named = <T extends z.core.SomeType>(value: T): z.ZodMiniRecord<z.ZodMiniString, T> =>
  z.record(text.check(z.regex(NAME)), value);
