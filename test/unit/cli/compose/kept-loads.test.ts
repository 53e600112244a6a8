import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'bun:test';
import fc from 'fast-check';
import { KeptLoads } from '../../../../src/cli/compose/session/kept-loads.ts';
import { MydockerError } from '../../../../src/errors.ts';
import { loadProject, type LoadResult } from '../../../../src/load/load-project.ts';

type Result = Pick<LoadResult, 'project' | 'disabledServices' | 'files' | 'workingDir'>;
interface Question {
  readonly cwd: string;
  readonly files: readonly string[];
  readonly profiles: readonly string[];
  readonly envFiles: readonly string[];
}
type Environment = Record<string, string | undefined>;

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kept-loads-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

function put(path: string, text: string | undefined): void {
  const full = join(folder, path);
  mkdirSync(dirname(full), { recursive: true });
  rmSync(full, { recursive: true, force: true });
  if (text !== undefined) writeFileSync(full, text);
}

async function fresh(question: Question, environment: Environment): Promise<LoadResult | undefined> {
  try {
    return await loadProject({ ...question, environment });
  } catch (error) {
    if (error instanceof MydockerError) return undefined;
    throw error;
  }
}

function resultOf({ project, disabledServices, files, workingDir }: LoadResult): Result {
  return { project, disabledServices, files, workingDir };
}

/** Every file, variable and flag that this model can depend on, each with values that matter. */
const MAIN = `
include: [part/compose.yaml]
services:
  web:
    image: web:\${TAG:-none}\${OTHER}
    env_file: [{path: web.env, required: false}]
    environment: [PASSED, "HOME_OF=\${HOME}"]
    extends: {file: base.yaml, service: base}
  extra:
    image: extra
    profiles: [extra]
`;
const FILES: Readonly<Record<string, readonly (string | undefined)[]>> = {
  'work/compose.yaml': [MAIN, MAIN.replace('web:', 'web:1-'), undefined],
  'work/compose.override.yaml': [undefined, 'services: {web: {hostname: over}}\n', 'services: {web: {hostname: }}\n'],
  'work/docker-compose.yml': [undefined, 'services: {other: {image: other}}\n'],
  'compose.yaml': [undefined, 'services: {parent: {image: parent}}\n'],
  'work/.env': [undefined, 'TAG=from-env-file\n', 'TAG=$OTHER\nCOMPOSE_PROFILES=extra\n', 'COMPOSE_FILE=compose.yaml\n', 'bad line\n'],
  'work/other.env': ['TAG=other\n', 'OTHER=${PASSED}\n', undefined],
  'work/web.env': [undefined, 'A=1\n', 'A=${OTHER}\nPASSED\n'],
  'work/base.yaml': ['services: {base: {labels: {base: one}}}\n', 'services: {base: {labels: {base: "${TAG}"}}}\n', undefined],
  'work/part/compose.yaml': ['services: {part: {image: "part:${PART:-0}"}}\n', 'services: {part: {image: "part:${OTHER}"}}\n'],
  'work/part/.env': [undefined, 'PART=7\n'],
};
const VARIABLES: Readonly<Record<string, readonly (string | undefined)[]>> = {
  TAG: [undefined, 'a', 'b', ''],
  OTHER: [undefined, 'x', 'y'],
  PASSED: [undefined, 'p'],
  PART: [undefined, '3'],
  HOME: ['/root', '/home/me'],
  COMPOSE_FILE: [undefined, 'docker-compose.yml'],
  COMPOSE_PROFILES: [undefined, 'extra'],
  COMPOSE_PROJECT_NAME: [undefined, 'named', 'Bad Name'],
  COMPOSE_DISABLE_ENV_FILE: [undefined, '1'],
  COMPOSE_ENV_FILES: [undefined, 'other.env'],
  UNUSED: [undefined, 'u'],
};

const change = fc.oneof(
  { weight: 4, arbitrary: choiceOf(FILES).map(([name, value]) => ({ kind: 'file' as const, name, value })) },
  { weight: 4, arbitrary: choiceOf(VARIABLES).map(([name, value]) => ({ kind: 'variable' as const, name, value })) },
  fc
    .constantFrom<Partial<Question>>(
      { files: ['compose.yaml'] },
      { files: [] },
      { profiles: ['extra'] },
      { profiles: [] },
      { envFiles: ['other.env'] },
      { envFiles: [] },
    )
    .map((value) => ({ kind: 'flag' as const, value })),
);

function choiceOf(table: Readonly<Record<string, readonly (string | undefined)[]>>): fc.Arbitrary<readonly [string, string | undefined]> {
  return fc.constantFrom(...Object.entries(table).flatMap(([name, values]) => values.map((value) => [name, value] as const)));
}

test('what is kept is what a load would give, whatever changes between two loads', async () => {
  let kept = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(change, { minLength: 5, maxLength: 25 }), async (changes) => {
      rmSync(folder, { recursive: true });
      for (const [path, [text]] of Object.entries(FILES)) put(path, text);
      const environment: Environment = { HOME: '/root' };
      let question: Question = { cwd: join(folder, 'work'), files: [], profiles: [], envFiles: [] };
      const loads = new KeptLoads<Result>(join(folder, 'run'), 'test');
      for (const step of changes) {
        if (step.kind === 'file') put(step.name, step.value);
        else if (step.kind === 'variable') environment[step.name] = step.value;
        else question = { ...question, ...step.value };
        const found = loads.find({ ...question }, environment);
        const wanted = await fresh(question, environment);
        if (found !== undefined) {
          kept += 1;
          expect(wanted).toBeDefined();
          expect(JSON.stringify(found)).toBe(JSON.stringify(resultOf(wanted!)));
        }
        if (wanted?.inputs !== undefined) loads.keep(wanted.project.name, { ...question }, wanted.inputs, resultOf(wanted));
      }
    }),
    { numRuns: 60 },
  );
  // Else nothing was shown.
  expect(kept).toBeGreaterThan(50);
}, 60_000);

const QUESTION = { cwd: '/', files: [], profiles: [], envFiles: [] };
const NO_ANSWERS = { variables: [], kinds: [], texts: [] };

test.each([
  ['another question', { files: ['x'] }, 'one'],
  ['another build of the program', {}, 'two'],
])('%s finds nothing', (_what, difference, program) => {
  new KeptLoads<string>(folder, 'one').keep('p', QUESTION, NO_ANSWERS, 'result');
  expect(new KeptLoads<string>(folder, 'one').find(QUESTION, {})).toBe('result');
  expect(new KeptLoads<string>(folder, program).find({ ...QUESTION, ...difference }, {})).toBeUndefined();
});

test('a damaged file counts as none', () => {
  const loads = new KeptLoads<string>(folder, 'one');
  loads.keep('p', QUESTION, NO_ANSWERS, 'result');
  const file = join(folder, 'loads', readdirSync(join(folder, 'loads'))[0]!);
  const text = readFileSync(file, 'utf8');
  for (let length = 0; length < text.length - 1; length += 7) {
    writeFileSync(file, text.slice(0, length));
    expect(loads.find(QUESTION, {})).toBeUndefined();
  }
});

test.each([Number.NaN, -0, 1n, undefined, new Map()])('%p, which JSON would change, is not kept', (value) => {
  const loads = new KeptLoads<unknown>(folder, 'one');
  loads.keep('p', QUESTION, NO_ANSWERS, { value });
  expect(loads.find(QUESTION, {})).toBeUndefined();
});

test('64 are kept, the newest; and none of a project that is gone', () => {
  const loads = new KeptLoads<number>(folder, 'one');
  for (let index = 0; index < 80; index++) loads.keep(index < 70 ? 'old' : 'new', { ...QUESTION, index }, NO_ANSWERS, index);
  expect(readdirSync(join(folder, 'loads'))).toHaveLength(64);
  expect(loads.find({ ...QUESTION, index: 79 }, {})).toBe(79);
  loads.forget('old');
  expect(readdirSync(join(folder, 'loads')).every((name) => name.startsWith('new.'))).toBe(true);
  expect(loads.find({ ...QUESTION, index: 75 }, {})).toBe(75);
});
