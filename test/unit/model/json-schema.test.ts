import { expect, test } from 'bun:test';
import { readFileSync } from 'node:fs';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { checkCompose } from '../../../src/model/compose/check-compose.ts';
import { composeJsonSchema, type JsonSchema } from '../../../src/model/compose/json-schema.ts';

const schema = composeJsonSchema();
const validate: ValidateFunction = new Ajv2020({ strict: true, strictTypes: false, allowUnionTypes: true }).compile(schema);

/** A service made of one attribute. */
const service = (attribute: unknown): unknown => ({ services: { web: attribute } });

const accepted: unknown[] = [
  {},
  { version: '3', name: 'x', services: {} },
  { 'x-anything': [1, { a: null }], services: { web: { image: 'i', 'x-own': true } } },
  { include: ['a.yaml', { path: ['b', 'c'], env_file: 'd', project_directory: 'e' }] },
  {
    networks: { a: null, b: { external: { name: 'c' } } },
    volumes: { v: null },
    secrets: { s: { file: 'f' } },
    configs: { c: { content: 'x' } },
  },
  { models: { m: { model: 'x', context_size: 5 } } },
  service({
    ports: [80, '81:81', { target: 82, published: '83' }],
    volumes: ['a:/a', { type: 'tmpfs', target: '/t', tmpfs: { size: 0 } }],
  }),
  service({ depends_on: ['a'] }),
  service({ depends_on: { a: { condition: 'service_healthy', restart: 'true', required: false, 'x-a': 1 } } }),
  service({ environment: { A: 1, B: null, C: true, D: 'x' }, labels: ['a=b'], sysctls: { a: 1 } }),
  service({ build: '.', command: null, entrypoint: ['a'], healthcheck: { test: 'x', retries: '3' } }),
  service({ build: { context: '.', args: ['A=1'], ssh: ['default'], secrets: ['s', { source: 't', mode: 0o440 }] } }),
  service({ deploy: null, develop: { watch: [{ path: '.', action: 'sync', target: '/x' }] } }),
  service({ ulimits: { nofile: { soft: 1, hard: 2 }, core: -1 }, cpu_percent: 50, oom_score_adj: -1000 }),
  service({ gpus: 'all', networks: { a: null, b: { aliases: ['c'] } }, env_file: [{ path: 'a', required: 'false' }] }),
  service({ storage_opt: { size: '1g' }, provider: { type: 'x', options: { a: [1, 'b'] } }, post_start: [{ command: 'x' }] }),
];

const refused: unknown[] = [
  [],
  { unknown: 1 },
  { services: [] },
  { services: { 'a b': {} } },
  { services: { web: null } },
  { services: { web: { imag: 'x' } } },
  { include: [{ path: 'a', 'x-b': 1 }] },
  { networks: { n: { drivr: 'x' } } },
  { secrets: { s: null } },
  { models: { m: {} } },
  service({ image: null }),
  service({ image: 5 }),
  service({ command: [1] }),
  service({ ports: ['80', '80'] }),
  service({ cap_add: ['A', 'A'] }),
  service({ volumes: [{ type: 'disk', target: '/x' }] }),
  service({ volumes: [{ target: '/x' }] }),
  service({ depends_on: { a: { restart: true } } }),
  service({ depends_on: { a: { condition: 'ready' } } }),
  service({ environment: { A: {} } }),
  service({ labels: { '': 1 } }),
  service({ environment: [{ A: 1 }] }),
  service({ blkio_config: { 'x-a': 1 } }),
  service({ cpu_percent: 101 }),
  service({ oom_score_adj: 1001 }),
  service({ healthcheck: null }),
  service({ deploy: { replica: 1 } }),
  service({ ulimits: { nofile: { soft: 1 } } }),
  service({ container_name: '$' }),
  service({ tmpfs: { a: 1 } }),
  service({ gpus: 'some' }),
  service({ extends: { file: 'x' } }),
];

test.each(accepted.map((file) => [JSON.stringify(file), file] as const))('both accept %s', (_text, file) => {
  expect(checkCompose(file)).toEqual([]);
  validate(file);
  expect(validate.errors).toBeNull();
});

test.each(refused.map((file) => [JSON.stringify(file), file] as const))('both refuse %s', (_text, file) => {
  expect(checkCompose(file)).not.toEqual([]);
  expect(validate(file)).toBe(false);
});

test('the committed schema is the generated one', () => {
  const committed = readFileSync(new URL('../../../mydocker-compose.schema.json', import.meta.url), 'utf8');
  expect(committed).toBe(`${JSON.stringify(schema, null, 2)}\n`);
});

test('every key has a description', () => {
  expect(withoutDescription(schema, [])).toEqual([]);
});

function withoutDescription(value: unknown, path: readonly string[]): string[] {
  if (Array.isArray(value)) return value.flatMap((item) => withoutDescription(item, path));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, item]) => {
    if (key !== 'properties') return withoutDescription(item, path);
    return Object.entries(item as Record<string, JsonSchema>).flatMap(([name, property]) => {
      const own = property['description'] === undefined ? [[...path, name].join('.')] : [];
      return [...own, ...withoutDescription(property, [...path, name])];
    });
  });
}
