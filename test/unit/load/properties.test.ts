import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { parseDotenv } from '../../../src/load/environment/dotenv.ts';
import { substitute, TemplateError } from '../../../src/load/interpolate/template.ts';
import { formatYaml } from '../../../src/load/output/format-yaml.ts';
import { jsonForm, yamlForm } from '../../../src/load/output/printed-form.ts';
import { byCode, sortDeep } from '../../../src/load/output/key-order.ts';
import { Problems } from '../../../src/load/problems.ts';
import { Source } from '../../../src/load/source.ts';
import { readYaml } from '../../../src/load/yaml/read-yaml.ts';
import { serviceHash } from '../../../src/model/config-hash.ts';
import { loadFiles } from '../../helpers/compose-files.ts';

const name = fc.constantFrom('a', 'b', 'c', 'data', 'front');
const word = fc.constantFrom(
  'x',
  'y',
  'some text',
  '1',
  'true',
  'null',
  '0x1f',
  'a: b',
  '# no',
  "it's",
  '"q"',
  'ü',
  '',
  ' pad ',
  'two\nlines',
  '-',
  '$$x',
);
const scalar = fc.oneof(word, fc.integer({ min: -5, max: 5000 }), fc.boolean());
const map = fc.dictionary(name, fc.oneof(scalar, fc.constant(null)), { maxKeys: 3 });
const pairs = fc.uniqueArray(
  fc.tuple(name, fc.constantFrom('1', 'x', '')).map(([key, value]) => `${key}=${value}`),
  { maxLength: 3 },
);

/** A service with any of these attributes, in any of their forms. */
const service = fc.record(
  {
    image: fc.constantFrom('i', 'j:1'),
    hostname: fc.constantFrom('h', 'g'),
    environment: fc.oneof(map, pairs),
    labels: fc.oneof(map, pairs),
    command: fc.oneof(fc.constantFrom('a b', 'c "d e"', ''), fc.array(word, { maxLength: 3 })),
    ports: fc.uniqueArray(fc.constantFrom('80', '8080:80', '127.0.0.1:9000-9001:90-91/udp', '7000-7010:70'), { maxLength: 3 }),
    volumes: fc.uniqueArray(fc.constantFrom('/anon', 'data:/data', './src:/src:ro', '~/x:/home'), { maxLength: 3 }),
    networks: fc.oneof(
      fc.uniqueArray(fc.constantFrom('front', 'back'), { minLength: 1, maxLength: 2 }),
      fc.constant({ front: { aliases: ['q'] }, back: null }),
    ),
    tmpfs: fc.constantFrom<string | string[]>('/run', ['/run', '/tmp:size=1m']),
    dns: fc.constantFrom<string | string[]>('1.1.1.1', ['1.1.1.1', '8.8.8.8']),
    healthcheck: fc.constantFrom({ test: 'true', interval: '90s' }, { test: ['CMD', 'x'], retries: 2 }, { disable: true }),
    ulimits: fc.constantFrom({ nofile: 10 }, { nofile: { soft: 1, hard: 2 }, core: -1 }),
    deploy: fc.constantFrom({ replicas: 2, resources: { limits: { cpus: '0.5', memory: '64m' } } }, { labels: ['a=b'] }),
    restart: fc.constantFrom('no', 'always'),
    'x-own': map,
  },
  { requiredKeys: ['image'] },
);
const file = fc.record({
  services: fc.dictionary(fc.constantFrom('web', 'db', 'job'), service, { minKeys: 1 }),
  networks: fc.constant({ front: {}, back: null }),
  volumes: fc.constant({ data: {} }),
});

type Json = Record<string, unknown>;

async function load(files: readonly Json[], normalize = true): Promise<Json> {
  const named = Object.fromEntries(files.map((content, index) => [`${String(index)}.yaml`, JSON.stringify(content)]));
  const { project, workingDir } = await loadFiles(named, { files: Object.keys(named), environment: { HOME: '/home/u' }, normalize });
  return JSON.parse(JSON.stringify(project).replaceAll(workingDir, '/DIR')) as Json;
}

function shuffled(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shuffled);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, item]) => [key, shuffled(item)]),
  );
}

test('a load does not depend on the order of keys, nor does a hash', async () => {
  await fc.assert(
    fc.asyncProperty(file, async (content) => {
      const one = await load([content]);
      const other = await load([shuffled(content) as Json]);
      expect(other).toEqual(one);
      const services = one['services'] as Record<string, Json>;
      for (const [key, own] of Object.entries(other['services'] as Record<string, Json>)) {
        expect(serviceHash(shuffled(own) as Json)).toBe(serviceHash(services[key]!));
      }
    }),
    { numRuns: 30 },
  );
}, 60_000);

test('merging three files does not depend on which two are merged first', async () => {
  await fc.assert(
    fc.asyncProperty(file, file, file, async (a, b, c) => {
      const all = await load([a, b, c]);
      const firstTwo = await load([a, b], false);
      delete firstTwo['name'];
      expect(await load([escapeDollars(firstTwo) as Json, c])).toEqual(all);
    }),
    { numRuns: 30 },
  );
}, 60_000);

test('config of config is a fixed point, in YAML and in JSON', async () => {
  await fc.assert(
    fc.asyncProperty(file, async (content) => {
      const { project } = await loadFiles(JSON.stringify(content), { environment: { HOME: '/home/u' } });
      const yaml = formatYaml(yamlForm(project)).replaceAll('$', '$$$$');
      const again = await loadFiles(yaml, { environment: {} });
      expect(formatYaml(yamlForm(again.project)).replaceAll('$', '$$$$')).toBe(yaml);
      const json = JSON.stringify(jsonForm(project)).replaceAll('$', '$$$$');
      const { project: fromJson } = await loadFiles(json, { environment: {} });
      expect(JSON.stringify(jsonForm(fromJson)).replaceAll('$', '$$$$')).toBe(json);
    }),
    { numRuns: 30 },
  );
}, 60_000);

test('what is printed as YAML is read back as it was', () => {
  const value = fc.letrec<{ any: unknown }>((tie) => ({
    any: fc.oneof(
      { maxDepth: 4 },
      fc.string(),
      word,
      fc.integer(),
      fc.boolean(),
      fc.constant(null),
      fc.array(tie('any'), { maxLength: 4 }),
      fc.dictionary(fc.string({ minLength: 1 }), tie('any'), { maxKeys: 4 }),
    ),
  })).any;
  fc.assert(
    fc.property(value, (any) => {
      const text = formatYaml({ root: any });
      const problems = new Problems();
      const [document] = readYaml(new Source('f', 'f', text), problems);
      problems.throwIfAny();
      // Where names are numbers all names are sorted.
      expect(JSON.stringify(sortDeep(document?.root, byCode))).toBe(JSON.stringify(sortDeep({ root: any }, byCode)));
    }),
    { numRuns: 500 },
  );
});

test('the interpolator and the env parser never crash', () => {
  const piece = fc.oneof(fc.string(), fc.constantFrom('$', '${', '}', ':-', '?', '+', 'A', '\n', '=', '"', "'", '\\', '#', 'export ', ' '));
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 20 }), (pieces) => {
      const text = pieces.join('');
      const { error } = parseDotenv(text, () => undefined);
      expect(error?.message).not.toBe('');
      try {
        expect(typeof substitute(text, { lookup: (variable) => (variable === 'A' ? 'a' : undefined) })).toBe('string');
      } catch (problem) {
        expect(problem).toBeInstanceOf(TemplateError);
      }
    }),
    { numRuns: 3000 },
  );
});

/** What was loaded has its variables replaced; a dollar that is left is meant. */
function escapeDollars(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value).replaceAll('$', '$$$$'));
}
