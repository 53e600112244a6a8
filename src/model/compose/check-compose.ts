import * as z from 'zod/mini';
import { composeSchema } from './compose-schema.ts';
import { UNIQUE } from './parts.ts';

export interface SchemaIssue {
  readonly path: readonly (string | number)[];
  readonly message: string;
  /** A key that is not of the schema; `path` ends with it. */
  readonly unknownKey?: boolean;
}

/** What a merged compose file has that the schema does not allow. */
export function checkCompose(model: unknown): SchemaIssue[] {
  const result = z.safeParse(composeSchema, model);
  if (result.success) return [];
  return result.error.issues.flatMap((issue) => explain(issue, [], model));
}

type Issue = z.core.$ZodIssue;
type Path = readonly (string | number)[];

function explain(issue: Issue, base: Path, model: unknown): SchemaIssue[] {
  const path = [...base, ...(issue.path as Path)];
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys
        .filter((key) => issue.message === 'closed' || !key.startsWith('x-'))
        .map((key) => ({ path: [...path, key], message: `unknown key ${JSON.stringify(key)}`, unknownKey: true }));
    case 'invalid_union':
      return explainUnion(issue.errors, path, model);
    case 'invalid_type':
      return explainType([issue], path, model);
    case 'invalid_key':
      return [
        {
          path,
          message: path.at(-1) === '' ? 'a name must not be empty' : badName(String(path.at(-1))),
          unknownKey: true,
        },
      ];
    case 'invalid_value':
      if (valueAt(path, model) === undefined) return [missing(path)];
      return [{ path, message: `must be ${listWords(issue.values.map((value) => JSON.stringify(value)))}, not ${show(path, model)}` }];
    case 'too_small':
      return [{ path, message: `must be at least ${String(issue.minimum)}, not ${show(path, model)}` }];
    case 'too_big':
      return [{ path, message: `must be at most ${String(issue.maximum)}, not ${show(path, model)}` }];
    case 'invalid_format':
      return [{ path, message: `${show(path, model)} does not match ${issue.pattern ?? issue.format}` }];
    default:
      return [{ path, message: issue.message === UNIQUE ? `${show(path, model)} is there twice: entries must be unique` : issue.message }];
  }
}

function badName(name: string): string {
  return `${JSON.stringify(name)} is not a valid name: use letters, digits, dots, hyphens and underscores`;
}

/** The alternative that got furthest says best what is wrong; when none has the right type, all types are named. */
function explainUnion(alternatives: readonly (readonly Issue[])[], path: Path, model: unknown): SchemaIssue[] {
  const near = alternatives.filter((issues) => !issues.some(isWrongType));
  const [best] = near;
  if (best !== undefined) return best.flatMap((issue) => explain(issue, path, model));
  return explainType(
    alternatives.flatMap((issues) => issues.flatMap(flattenTypes)),
    path,
    model,
  );
}

function isWrongType(issue: Issue): boolean {
  if (issue.path.length > 0) return false;
  if (issue.code === 'invalid_union') return issue.errors.every((alternative) => alternative.some(isWrongType));
  return issue.code === 'invalid_type';
}

function flattenTypes(issue: Issue): Issue[] {
  return issue.code === 'invalid_union' ? issue.errors.flatMap((alternative) => alternative.flatMap(flattenTypes)) : [issue];
}

const WORDS: Readonly<Record<string, string>> = {
  string: 'a string',
  number: 'a number',
  int: 'an integer',
  boolean: 'a boolean',
  null: 'null',
  array: 'a list',
  object: 'a mapping',
  record: 'a mapping',
};

function explainType(issues: readonly Issue[], path: Path, model: unknown): SchemaIssue[] {
  const expected = issues.flatMap((issue) => (issue.code === 'invalid_type' ? [String(issue.expected)] : []));
  const value = valueAt(path, model);
  // zod counts neither integers beyond 2^53 (kept as bigint) nor infinities as numbers.
  if (
    (typeof value === 'bigint' || (typeof value === 'number' && !Number.isFinite(value))) &&
    (expected.includes('number') || expected.includes('int'))
  )
    return [];
  if (value === undefined) return [missing(path)];
  const words = [...new Set(expected.map((type) => WORDS[type] ?? type))];
  return [{ path, message: `must be ${listWords(words)}, not ${show(path, model)}` }];
}

function missing(path: Path): SchemaIssue {
  return { path: path.slice(0, -1), message: `missing property ${JSON.stringify(path.at(-1))}` };
}

function listWords(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} or ${words.at(-1) ?? ''}`;
}

function valueAt(path: Path, model: unknown): unknown {
  let value = model;
  for (const key of path) value = (value as Record<string | number, unknown> | null | undefined)?.[key];
  return value;
}

function show(path: Path, model: unknown): string {
  const value = valueAt(path, model);
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object' && value !== null) return 'a mapping';
  return typeof value === 'bigint' ? String(value) : JSON.stringify(value);
}

/** The keys that the schema knows at a path, to suggest one for a misspelt key. */
export function knownKeys(path: Path): string[] {
  let schemas: unknown[] = [composeSchema];
  for (const key of path) schemas = schemas.flatMap((schema) => step(schema, key));
  return schemas.flatMap((schema) => {
    const { def } = (unwrap(schema)[0] as z.core.$ZodType)._zod;
    return 'shape' in def ? Object.keys(def.shape as object) : [];
  });
}

function step(schema: unknown, key: string | number): unknown[] {
  return unwrap(schema).flatMap((inner) => {
    const def = (inner as z.core.$ZodType)._zod.def as { shape?: Record<string, unknown>; valueType?: unknown; element?: unknown };
    const next = def.shape?.[key] ?? def.valueType ?? def.element;
    return next === undefined ? [] : unwrap(next);
  });
}

/** The schemas below optional, nullable, lazy and union. */
function unwrap(schema: unknown): unknown[] {
  const def = (schema as z.core.$ZodType)._zod.def as {
    innerType?: unknown;
    getter?: () => unknown;
    options?: unknown[];
  };
  if (def.innerType !== undefined) return unwrap(def.innerType);
  if (def.getter !== undefined) return unwrap(def.getter());
  if (def.options !== undefined) return def.options.flatMap(unwrap);
  return [schema];
}
