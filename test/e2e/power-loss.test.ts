import { expect, test } from 'bun:test';
import { readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { expectSuccess, run } from '../helpers/run.ts';
import { executables, useSandbox } from '../helpers/sandbox.ts';

/**
 * A power cut keeps what was synced and any part of the rest. So every record must be on disk before it gets its name, and the name
 * before the command tells that it is done. Looked at through strace: what was written, synced and renamed, in order.
 */
const sandbox = useSandbox();

/** Not waited for, on purpose: readers take an empty one for none (`mayBeTorn`), nobody misses it, or it is being removed. Below the data root. */
const UNSYNCED =
  /^(build-cache|locks|tmp|trash|names|seccomp)\/|^volumes\/(\.trash|[^/]*\/(_data\/|_data\.copy-up$))|log\.json|\/network-files\.json$/;
/** With a restart policy a boot goes by it; else it may be lost, too. */
const LAST_STATE = /\/last-state\.json$/;

interface Call {
  readonly name: string;
  /** Both ends of a rename, else the file of the fd. */
  readonly paths: readonly string[];
}

async function trace(program: string, args: readonly string[]): Promise<readonly Call[]> {
  const output = join(sandbox.directory, 'trace');
  const calls = 'rename,renameat,renameat2,fsync,fdatasync,syncfs,write,pwrite64,writev,pwritev';
  const strace = ['-f', '-q', '-y', '-s', '400', '-e', `trace=${calls}`, '-e', 'status=successful', '-o', output, program, ...args];
  expectSuccess(await run('strace', strace, { cwd: sandbox.directory, env: sandbox.env }));
  return readFileSync(output, 'utf8')
    .split('\n')
    .flatMap((line) => {
      const [, name, rest] = /^\d+ +(\w+)\((.*)$/.exec(line) ?? [];
      if (name === undefined || rest === undefined) return [];
      return [{ name, paths: name.startsWith('rename') ? renamed(rest) : [/<([^>]*)>/.exec(rest)?.[1] ?? ''] }];
    });
}

/** Both ends of a rename; a relative one is below the fd before it. */
function renamed(text: string): readonly string[] {
  return [...text.matchAll(/(?:<([^>]*)>, )?"([^"]*)"/g)].map(([, folder = '', path = '']) => resolve(folder, path));
}

/** What a power cut could take apart: a record renamed before it was on disk, a name that never got there. */
function unsafe(calls: readonly Call[], unsynced = UNSYNCED): readonly string[] {
  const dirty = new Set<string>();
  const namesDirty = new Set<string>();
  const found: string[] = [];
  for (const { name, paths } of calls) {
    const [path = '', target] = paths;
    if (name.includes('write')) dirty.add(path);
    else if (name === 'syncfs') dirty.clear();
    else if (name === 'fsync' || name === 'fdatasync') {
      dirty.delete(path);
      namesDirty.delete(path);
    } else if (target?.startsWith(`${sandbox.dataRoot}/`) === true && !unsynced.test(target.slice(sandbox.dataRoot.length + 1))) {
      if (dirty.has(path)) found.push(`${target} was renamed from ${path} before that was on disk`);
      namesDirty.add(dirname(target));
    }
  }
  return [...found, ...[...namesDirty].map((folder) => `${folder} was not synced after the last rename into it`)];
}

const { mydocker, compose } = executables;
const RUN = ['run', '--network', 'none', '--name', 'box', '--restart', 'on-failure', '-v', 'kept:/data', '-v', 'copied:/bin'];

test('every record is on disk before its name, and its name before the command ends', async () => {
  sandbox.write('compose.yaml', 'services: {a: {image: busybox, command: "true", volumes: ["vol:/v"]}}\nvolumes: {vol: }\n');
  sandbox.write('Dockerfile', 'FROM busybox\nRUN echo x > /x\n');
  const commands: readonly (readonly [string, readonly string[]])[] = [
    [mydocker, ['tag', 'busybox', 'other']],
    [mydocker, ['volume', 'create', 'made']],
    [mydocker, ['network', 'create', 'net']],
    [mydocker, [...RUN, 'busybox', 'sh', '-c', 'echo x > /x']],
    [mydocker, ['rename', 'box', 'renamed']],
    [mydocker, ['commit', 'renamed', 'committed']],
    [mydocker, ['save', '-o', 'saved.tar', 'committed']],
    [mydocker, ['rmi', 'other', 'committed']],
    [mydocker, ['load', '-i', 'saved.tar']],
    [mydocker, ['build', '-t', 'built', '.']],
    [compose, ['up', '-d']],
    [compose, ['autostart', 'stop']],
    [compose, ['autostart', 'start']],
    [compose, ['down', '--volumes']],
    [mydocker, ['rm', '-v', 'renamed']],
    [mydocker, ['volume', 'rm', 'kept', 'copied', 'made']],
    [mydocker, ['rmi', 'committed', 'built']],
  ];
  const problems: Record<string, readonly string[]> = {};
  for (const [program, args] of commands) {
    const unsynced = args.includes('--restart') ? UNSYNCED : new RegExp(`${UNSYNCED.source}|${LAST_STATE.source}`);
    const found = unsafe(await trace(program, args), unsynced);
    if (found.length > 0) problems[args.join(' ')] = found;
  }
  expect(problems).toEqual({});
}, 180_000);

test('the check finds a record that is renamed unsynced', async () => {
  const file = join(sandbox.dataRoot, 'record');
  const calls = await trace('sh', ['-c', `echo x > ${file}.tmp; mv ${file}.tmp ${file}; rm ${file}`]);
  expect(unsafe(calls)).toEqual([
    `${file} was renamed from ${file}.tmp before that was on disk`,
    `${sandbox.dataRoot} was not synced after the last rename into it`,
  ]);
});
