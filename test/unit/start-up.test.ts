import { readFileSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';
import { expect, test } from 'bun:test';

const root = resolve(import.meta.dir, '../..');
const transpiler = new Bun.Transpiler({ loader: 'ts' });

/** Everything that is evaluated with these modules: their imports and the imports of these, but nothing imported by a call. */
function evaluated(entries: readonly string[]): ReadonlyMap<string, string> {
  const importers = new Map(entries.map((entry) => [entry, '']));
  for (const module of importers.keys()) {
    if (!module.startsWith('src/')) continue;
    for (const { path, kind } of transpiler.scanImports(readFileSync(resolve(root, module), 'utf8'))) {
      if (kind !== 'import-statement') continue;
      const name = path.startsWith('.') ? relative(root, resolve(root, dirname(module), path)) : path;
      if (!importers.has(name)) importers.set(name, module);
    }
  }
  return importers;
}

/** Each costs as much as the rest of a small command, or is a library that a command that only looks does not need. */
const HEAVY = [
  /^node:(crypto|net|stream|stream\/promises|child_process|tty|readline|readline\/promises|http|zlib|util|worker_threads)$/,
  /^(yaml|listr2|execa|zod)$/,
  /^src\/load\/(?!files\/inputs\.ts)/,
  /^src\/model\/compose\//,
  /^src\/runtime\/build\//,
  /^src\/runtime\/containers\/(create|start|remove|attach|launch-request|inspect|update|rename|sweep)\.ts$/,
  /^src\/runtime\/networks\/(prepare-start|make-network|change-endpoints|network-draft)\.ts$/,
];

/** What becomes the core at once reads no line that can mean two things, and no record that was changed. */
const EXEC_AT_ONCE = ['src/cli/main.ts', 'src/cli/compose/exec-at-once.ts'];

const PROGRAM = ['src/cli/main.ts', 'src/cli/compose/program.ts'];

test.each([
  ['version', [...PROGRAM, 'src/cli/compose/version.ts'], [/^zod/, /^src\/runtime\//]],
  ['exec', [...PROGRAM, 'src/cli/compose/exec.ts', 'src/runtime/runtime.ts', 'src/runtime/containers/exec.ts'], []],
  ['exec in a container that runs', EXEC_AT_ONCE, [/^commander/, /^zod/, /^node:fs\/promises$/, /^src\/runtime\/runtime\.ts/]],
  ['ps', [...PROGRAM, 'src/cli/compose/ps.ts', 'src/runtime/runtime.ts'], []],
  ['logs', [...PROGRAM, 'src/cli/compose/logs.ts', 'src/runtime/runtime.ts'], []],
  ['up with nothing to do', [...PROGRAM, 'src/cli/compose/up.ts', 'src/runtime/runtime.ts'], []],
  ['down', [...PROGRAM, 'src/cli/compose/down.ts', 'src/runtime/runtime.ts'], []],
  ['mydocker ps', ['src/cli/main.ts', 'src/cli/mydocker/program.ts', 'src/cli/mydocker/ps.ts', 'src/runtime/runtime.ts'], []],
])('%s does not evaluate what it can do without', (_command, entries, besides) => {
  const modules = evaluated(entries);
  // The entries are there and were followed.
  expect(modules.size).toBeGreaterThan(entries.length + 5);
  const heavy = [...modules].filter(([name]) => [...HEAVY, ...besides].some((pattern) => pattern.test(name)));
  expect(heavy.map(([name, importer]) => `${name}, imported by ${importer}`)).toEqual([]);
});

test('the first use of process.stdout, stderr or stdin is in no module that a command evaluates before it has something to stream', () => {
  const modules = evaluated([...PROGRAM, 'src/cli/compose/exec.ts', 'src/cli/compose/ps.ts', 'src/runtime/runtime.ts']);
  const users = [...modules.keys()].filter(
    (name) => name.startsWith('src/') && /\bprocess\.std(?:out|err|in)\b/.test(withoutComments(readFileSync(resolve(root, name), 'utf8'))),
  );
  // util/stdio.ts: on a terminal only.
  expect(users).toEqual(['src/util/stdio.ts']);
});

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '');
}
