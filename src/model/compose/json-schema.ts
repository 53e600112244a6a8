import * as z from 'zod/mini';
import { composeSchema } from './compose-schema.ts';
import { commonDescriptions, descriptions } from './descriptions.ts';
import { marks } from './parts.ts';

export type JsonSchema = Record<string, unknown>;

/** JSON Schema (2020-12) of a compose file, generated from the zod model. */
export function composeJsonSchema(): JsonSchema {
  const schema = z.toJSONSchema(composeSchema, {
    target: 'draft-2020-12',
    io: 'input',
    reused: 'ref',
    override: ({ zodSchema, jsonSchema }) => {
      adjust(zodSchema, jsonSchema);
    },
  }) as JsonSchema;
  const inlined = inline(schema, schema, []);
  describe(inlined, []);
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $id: 'mydocker-compose.schema.json',
    title: 'Compose file',
    description: 'A compose file as mydocker-compose reads it.',
    ...inlined,
  };
}

function adjust(zodSchema: z.core.$ZodType, jsonSchema: JsonSchema): void {
  if (marks.unique.has(zodSchema)) jsonSchema['uniqueItems'] = true;
  // A key of the schema or an extension, except where there are none.
  const isObject = zodSchema._zod.def.type === 'object';
  if (isObject && jsonSchema['additionalProperties'] === false && !marks.closed.has(zodSchema)) {
    jsonSchema['patternProperties'] = { '^x-': {} };
  }
  if (jsonSchema['type'] === 'integer') {
    for (const key of ['minimum', 'maximum'])
      if (Math.abs(Number(jsonSchema[key])) === Number.MAX_SAFE_INTEGER) Reflect.deleteProperty(jsonSchema, key);
  }
}

/** Puts what is referred to in its place, so that every place can be described on its own. */
function inline(value: unknown, root: JsonSchema, trail: readonly string[]): JsonSchema {
  return mapSchema(value, root, trail) as JsonSchema;
}

function mapSchema(value: unknown, root: JsonSchema, trail: readonly string[]): unknown {
  if (Array.isArray(value)) return value.map((item) => mapSchema(item, root, trail));
  if (typeof value !== 'object' || value === null) return value;
  const schema = value as JsonSchema;
  const reference = schema['$ref'];
  if (typeof reference === 'string') {
    if (trail.includes(reference)) throw new Error(`${reference} contains itself`);
    const target = reference
      .replace('#/', '')
      .split('/')
      .reduce<unknown>((part, key) => (part as JsonSchema)[key], root);
    const { $ref: _reference, ...own } = schema;
    return { ...inline(target, root, [...trail, reference]), ...inline(own, root, trail) };
  }
  const entries = Object.entries(schema).filter(([key]) => key !== '$defs' && key !== '$schema');
  return Object.fromEntries(entries.map(([key, item]) => [key, mapSchema(item, root, trail)]));
}

/** Gives every property of the schema its description. */
function describe(schema: JsonSchema, path: readonly string[]): void {
  for (const branch of (schema['anyOf'] ?? []) as JsonSchema[]) describe(branch, path);
  for (const part of [schema['items'], schema['additionalProperties']]) {
    if (typeof part === 'object' && part !== null) describe(part as JsonSchema, [...path, '*']);
  }
  const properties = (schema['properties'] ?? {}) as Record<string, JsonSchema>;
  for (const [key, property] of Object.entries(properties)) {
    const own = [...path, key];
    const description = descriptions[own.join('.')] ?? commonDescriptions[key];
    properties[key] = description === undefined ? property : { description, ...property };
    describe(properties[key], own);
  }
}
