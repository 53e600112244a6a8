import { expect, test } from 'bun:test';
import { spawn } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { executables, useSandbox } from '../helpers/sandbox.ts';
import { until } from '../helpers/until.ts';

const sandbox = useSandbox();

interface Watch {
  /** All it has printed. */
  readonly said: () => string;
  /** Exit status. */
  readonly end: (signal?: NodeJS.Signals) => Promise<number | null>;
}

/** Starts a watch and waits until it is on; it has ended when the test has. */
async function startWatch(...args: readonly string[]): Promise<Watch> {
  const watch = spawn(executables.compose, args.length === 0 ? ['watch'] : [...args], {
    cwd: sandbox.directory,
    env: { ...process.env, ...sandbox.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = new Promise<number | null>((resolve) => watch.once('close', resolve));
  let said = '';
  for (const stream of [watch.stdout, watch.stderr]) stream.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const end = async (signal: NodeJS.Signals = 'SIGINT'): Promise<number | null> => {
    watch.kill(signal);
    return ended;
  };
  sandbox.afterTest(() => end('SIGKILL'));
  await until('the watch is on', () => said.includes('Watch enabled'), 20_000);
  return { said: () => said, end };
}

async function inService(service: string, script: string, index = 1): Promise<string> {
  const { stdout } = await sandbox.tryCompose(['exec', '-T', '--index', String(index), service, 'sh', '-c', script]);
  return stdout.trim();
}

/** Polls until the script prints this in `web`. */
async function untilIn(expected: string, script: string): Promise<void> {
  await until(`${script} prints ${expected}`, async () => (await inService('web', script)) === expected);
}

/** A service with these rules. */
function project(rules: string, more = 'image: busybox, command: sleep 1d'): void {
  sandbox.write('compose.yaml', `name: demo\nservices:\n  web: {${more}, init: true, develop: {watch: [${rules}]}}\n`);
}

function path(name: string): string {
  return join(sandbox.directory, name);
}

test('changes are synced, run hooks and rebuild', async () => {
  sandbox.write('src/a', 'one');
  sandbox.write('marker', '');
  sandbox.write('rebuild', '');
  project(
    `{path: ./src, action: sync, target: /app, ignore: ["*.log"], initial_sync: true},
     {path: ./marker, action: sync+exec, target: /marker, exec: {command: "sh -c 'cat /marker > /ran; echo hooked'"}},
     {path: ./rebuild, action: rebuild}`,
    'build: {dockerfile_inline: "FROM busybox\\nCOPY src /app\\nCOPY rebuild /\\nCMD sleep 1d"}',
  );
  const watch = await startWatch();
  expect(await inService('web', 'cat /app/a')).toBe('one');
  sandbox.write('src/a', 'two');
  sandbox.write('src/deep/b', 'new');
  sandbox.write('src/c.log', 'ignored');
  await untilIn('twonew', 'cat /app/a /app/deep/b');
  expect(await inService('web', 'ls /app')).toBe('a\ndeep');
  rmSync(path('src/deep'), { recursive: true });
  await untilIn('a', 'ls /app');
  sandbox.write('marker', 'hello');
  await untilIn('hello', 'cat /ran');
  const before = await sandbox.compose(['ps', '-q', 'web']);
  sandbox.write('rebuild', 'now');
  await until('the service is made anew', () => watch.said().includes('service(s) ["web"] successfully built'));
  expect(await sandbox.compose(['ps', '-q', 'web'])).not.toBe(before);
  await until('the former image is gone', async () => (await sandbox.mydocker(['images', '-aq', '--filter', 'dangling=true'])) === '');
  expect(watch.said()).toContain('Syncing service "web" after 1 changes were detected\nhooked\n');
  expect(watch.said()).toContain('Rebuilding service(s) ["web"] after changes were detected...');
  expect(await watch.end()).toBe(130);
  await sandbox.compose(['down', '-t', '0', '--rmi', 'local']);
}, 60_000);

test('a thousand files, folders that become files, renames, links, owners and modes arrive as they are', async () => {
  mkdirSync(path('src'));
  project('{path: ./src, action: sync, target: /app}');
  await startWatch();
  for (let folder = 0; folder < 20; folder++)
    for (let file = 0; file < 50; file++) sandbox.write(`src/d${String(folder)}/x/${String(file)}`, String(folder));
  await untilIn('1000', 'find /app -type f | wc -l');
  for (let folder = 0; folder < 10; folder++) rmSync(path(`src/d${String(folder)}`), { recursive: true });
  sandbox.write('src/d0', 'a file');
  renameSync(path('src/d19'), path('src/moved'));
  symlinkSync('moved/x', path('src/link'));
  sandbox.write('src/tool', '');
  chmodSync(path('src/tool'), 0o750);
  chownSync(path('src/tool'), 5, 6);
  mkdirSync(path('src/private'));
  chmodSync(path('src/private'), 0o700);
  await untilIn('502', 'find /app -type f | wc -l');
  expect(await inService('web', 'cat /app/d0; cat /app/link/1; stat -c "%a %u:%g" /app/tool /app/private')).toBe(
    'a file19750 5:6\n700 0:0',
  );
  rmSync(path('src/d0'));
  sandbox.write('src/d0/again', 'a folder');
  await untilIn('a folder', 'cat /app/d0/again');
}, 60_000);

test('a path may come later, go and come back, and be a file that editors replace', async () => {
  sandbox.write('one.conf', '1');
  sandbox.write('there/a', '1');
  project(
    `{path: ./late/deep, action: sync, target: /late}, {path: ./one.conf, action: sync, target: /etc/one.conf},
     {path: ./there, action: sync, target: there}`,
  );
  await startWatch();
  sandbox.write('late/deep/a', 'came');
  await untilIn('came', 'cat /late/a');
  rmSync(path('late'), { recursive: true });
  await untilIn('gone', 'test -e /late || echo gone');
  sandbox.write('late/deep/b', 'again');
  await untilIn('again', 'cat /late/b');
  for (const value of ['2', '3']) {
    writeFileSync(path('.one.tmp'), value);
    renameSync(path('.one.tmp'), path('one.conf'));
    await untilIn(value, 'cat /etc/one.conf');
  }
  renameSync(path('there'), path('elsewhere'));
  sandbox.write('there/b', 'other');
  await untilIn('other', 'cat /there/b');
}, 60_000);

test('every replica gets the files, stopped or started meanwhile, and what was made anew gets what changes next', async () => {
  sandbox.write('src/a', '');
  project('{path: ./src, action: sync, target: /app}', 'image: busybox, command: sleep 1d, scale: 2');
  const watch = await startWatch();
  sandbox.write('src/a', '1');
  for (const index of [1, 2]) await until('it arrives', async () => (await inService('web', 'cat /app/a', index)) === '1');
  await sandbox.mydocker(['stop', '-t', '0', 'demo-web-2']);
  sandbox.write('src/a', '2');
  await untilIn('2', 'cat /app/a');
  await sandbox.mydocker(['start', 'demo-web-2']);
  expect(await inService('web', 'cat /app/a', 2)).toBe('2');
  await sandbox.compose(['up', '-d', '--force-recreate', '-t', '0', 'web']);
  sandbox.write('src/b', '3');
  await untilIn('3', 'cat /app/b');
  expect(watch.said()).not.toContain('error');
  expect(await watch.end('SIGTERM')).toBe(143);
}, 60_000);

test('an image without any program gets changes and removals; a mount below the target stays', async () => {
  sandbox.write('src/a', '1');
  sandbox.write('src/cache/x', '');
  project(
    '{path: ./src, action: sync, target: /app}',
    `build: {dockerfile_inline: "FROM busybox AS b\\nFROM scratch\\nCOPY --from=b /bin/busybox /busybox\\nCMD [\\"/busybox\\", \\"sleep\\", \\"1d\\"]"},
     volumes: ["cache:/app/cache"]`,
  );
  writeFileSync(path('compose.yaml'), 'volumes: {cache: {}}\n', { flag: 'a' });
  const watch = await startWatch();
  const inside = async (...args: readonly string[]): Promise<string> =>
    (await sandbox.tryCompose(['exec', '-T', 'web', '/busybox', ...args])).stdout.trim();
  sandbox.write('src/a', '2');
  sandbox.write('src/b', '');
  await until('it arrives', async () => (await inside('ls', '/app')) === 'a\nb\ncache');
  await inside('touch', '/app/cache/kept');
  rmSync(path('src/cache'), { recursive: true });
  rmSync(path('src/b'));
  await until('the removal arrives', async () => (await inside('ls', '/app')) === 'a\ncache');
  expect(await inside('ls', '/app/cache')).toBe('kept');
  expect(watch.said()).not.toContain('error');
  await watch.end();
  await sandbox.compose(['down', '-t', '0', '-v', '--rmi', 'local']);
}, 60_000);

test('a path that a bind mount shows is not copied over itself', async () => {
  sandbox.write('src/a', '1');
  sandbox.write('other/a', '1');
  project(
    '{path: ./src, action: sync, target: /app}, {path: ., action: sync, target: /all}',
    'image: busybox, command: sleep 1d, volumes: ["./src:/app", "./other:/all/other"]',
  );
  const watch = await startWatch();
  expect(watch.said()).toContain(`path '${path('src')}' also declared by a bind mount volume, this path won't be monitored!`);
  sandbox.write('other/a', '2');
  sandbox.write('c', '3');
  await untilIn('23', 'cat /all/other/a /all/c');
  sandbox.write('c', '4');
  await untilIn('4', 'cat /all/c');
  expect(watch.said().match(/Syncing/g)).toHaveLength(2);
}, 60_000);

test('restarts restart, a failed build or hook is told and the watch goes on', async () => {
  sandbox.write('Dockerfile', 'FROM busybox\nCMD sleep 1d\n');
  sandbox.write('conf', '');
  sandbox.write('hook', '');
  project(
    `{path: ./conf, action: sync+restart, target: /conf}, {path: ./Dockerfile, action: rebuild},
     {path: ./hook, action: sync+exec, target: /hook, exec: {command: [sh, -c, "id -u; pwd; exit 3"], user: "5", working_dir: /tmp}}`,
    'build: .',
  );
  const watch = await startWatch();
  const started = await sandbox.mydocker(['inspect', '-f', '{{.State.StartedAt}}', 'demo-web-1']);
  sandbox.write('conf', 'x');
  await until('it restarts', () => watch.said().includes('service(s) ["web"] restarted'));
  expect(await sandbox.mydocker(['inspect', '-f', '{{.State.StartedAt}}', 'demo-web-1'])).not.toBe(started);
  expect(await inService('web', 'cat /conf')).toBe('x');
  sandbox.write('hook', 'x');
  await until('the hook fails', () => watch.said().includes('exited with status 3'));
  expect(watch.said()).toContain('\n5\n/tmp\n');
  sandbox.write('Dockerfile', 'FROM busybox\nRUN --network=none exit 4\n');
  await until('the build fails', () => watch.said().includes('exit code: 4'));
  sandbox.write('Dockerfile', 'FROM busybox\nRUN --network=none touch /mended\nCMD sleep 1d\n');
  await untilIn('/mended', 'ls /mended');
  await watch.end();
  await sandbox.compose(['down', '-t', '0', '--rmi', 'local']);
}, 60_000);

test.each([
  ['without a develop section', '', 'image: busybox', "consider setting a 'develop' section"],
  ['a rebuild of an image', '{path: ., action: rebuild}', 'image: busybox', 'with action rebuild without a build context'],
  ['a hook without a command', '{path: ., action: sync+exec, target: /x}', 'image: busybox', 'without a command'],
  ['a pattern that is none', '{path: ., action: restart, ignore: ["[a"]}', 'image: busybox', 'a bracket is not closed'],
])('%s is refused before anything starts', async (_name, rules, more, message) => {
  project(rules, more);
  const { status, stderr } = await sandbox.tryCompose(['watch']);
  expect([status, stderr]).toEqual([1, expect.stringContaining(message) as string]);
  expect(await sandbox.compose(['ps', '-aq'])).toBe('');
});
