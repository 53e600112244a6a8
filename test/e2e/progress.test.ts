import { expect, test } from 'bun:test';
import { executables, useSandbox } from '../helpers/sandbox.ts';
import { Terminal } from '../helpers/terminal.ts';

const sandbox = useSandbox();

function compose(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  size: { readonly rows?: number; readonly columns?: number } = {},
): Terminal {
  return new Terminal([executables.compose, ...args], { cwd: sandbox.directory, env: { ...sandbox.env, ...env }, ...size });
}
/** On a busy machine work may take long enough for its time to be told. */
function withoutTimes(terminal: Terminal): readonly string[] {
  return terminal.lines().map((line) => line.replace(/ {2}\d+\.\ds$/, ''));
}

test('a terminal ends with a line a resource', async () => {
  sandbox.write('compose.yaml', 'name: demo\nservices: {web: {image: busybox, init: true, command: sleep 1d}}');
  const up = compose(['up', '-d']);
  expect(await up.status()).toBe(0);
  expect(withoutTimes(up)).toEqual([' ✔ Network demo_default  Created', ' ✔ Container demo-web-1  Started']);
  sandbox.write('compose.yaml', 'name: demo\nservices: {web: {image: busybox, init: true, command: sleep 2d}}');
  const again = compose(['up', '-d'], { NO_COLOR: '1' });
  expect(await again.status()).toBe(0);
  expect(withoutTimes(again).join('')).toBe(
    ' ✔ Container demo-web-1  Started  (services.web.command changed: ["sleep","1d"] -> ["sleep","2d"])',
  );
  // eslint-disable-next-line no-control-regex -- the colours are what is looked for
  expect(again.output).not.toMatch(/\u001b\[[\d;]*m/);
  const down = compose(['down']);
  expect(await down.status()).toBe(0);
  expect(withoutTimes(down)).toEqual([' ✔ Container demo-web-1  Removed', ' ✔ Network demo_default  Removed']);
});

test('the last lines of a build are shown while it runs, on a narrow terminal too, and are gone afterwards', async () => {
  const run = 'for i in 1 2 3 4 5 6 7; do echo step $$i of a line that is much too long for a terminal of thirty; sleep 0.3; done; sleep 1';
  sandbox.write('compose.yaml', `name: demo\nservices: {web: {build: {dockerfile_inline: "FROM busybox\\nRUN ${run}"}}}`);
  const build = compose(['build'], {}, { rows: 6, columns: 30 });
  await build.shows('step 7 of');
  await build.looks(
    'the last lines fit',
    (lines) => lines.length === 5 && lines.at(-1)?.startsWith('     step 7 of a line that i') === true,
  );
  expect(build.lines()[0]).toContain('Image demo-web  Building');
  expect(await build.status()).toBe(0);
  expect(build.lines().join('\n')).toMatch(/^ ✔ Image demo-web {2}Built {2}\d+\.\ds$/);
  await sandbox.mydocker(['rmi', 'demo-web']);
});

test('an interrupted command leaves the terminal in order', async () => {
  sandbox.write('compose.yaml', 'name: demo\nservices: {web: {build: {dockerfile_inline: "FROM busybox\\nRUN echo on; sleep 60"}}}');
  const build = compose(['build']);
  await build.shows('     on');
  build.type('\x03');
  expect(await build.status()).toBe(130);
  expect(build.lines().join('\n')).not.toContain('Building');
});

test('a pipe gets plain lines, json asks for objects, quiet for nothing', async () => {
  sandbox.write('compose.yaml', 'name: demo\nservices: {web: {image: busybox, init: true, command: sleep 1d}}');
  expect((await sandbox.tryCompose(['up', '-d'])).stderr).toBe(
    ' Network demo_default  Created\n Container demo-web-1  Created\n Container demo-web-1  Started\n',
  );
  const { stderr } = await sandbox.tryCompose(['--progress', 'json', 'stop']);
  const events = stderr.trimEnd().split('\n').map((line) => JSON.parse(line) as object); // prettier-ignore
  expect(events).toEqual([
    { id: 'Container demo-web-1', status: 'Stopping' },
    { id: 'Container demo-web-1', status: 'Stopped' },
  ]);
  const planned = await sandbox.tryCompose(['--progress', 'json', '--dry-run', 'start']);
  expect(JSON.parse(planned.stderr.split('\n')[0] ?? '')).toMatchObject({
    'dry-run': true,
    id: 'Container demo-web-1',
    status: 'Starting',
  });
  const refused = await sandbox.tryCompose(['--progress', 'json', 'up', '-d', 'nosuch']);
  expect([refused.status, JSON.parse(refused.stderr)]).toEqual([1, { error: true, message: 'no such service: nosuch' }]);
  expect((await sandbox.tryCompose(['--progress=quiet', 'down'])).stderr).toBe('');
});

test('--quiet-build says nothing of what the build says', async () => {
  sandbox.write(
    'compose.yaml',
    'name: demo\nservices: {web: {build: {dockerfile_inline: "FROM busybox\\nRUN echo told"}, command: "true"}}',
  );
  expect((await sandbox.tryCompose(['up', '--no-start', '--quiet-build'])).stderr).not.toContain('told');
  expect((await sandbox.tryCompose(['build', '--no-cache'])).stderr).toContain('#web told');
  await sandbox.compose(['down', '--rmi', 'local']);
});

test('^Z gives the terminal to the shell in order, fg goes on', async () => {
  sandbox.write('compose.yaml', 'name: demo\nservices: {web: {build: {dockerfile_inline: "FROM busybox\\nRUN echo on; sleep 3"}}}');
  const user = new Terminal(['bash', '--norc', '--noprofile', '-i'], { cwd: sandbox.directory, env: sandbox.env });
  user.type("PS1='prompt''> '\n");
  await user.shows('prompt> ');
  user.type(`${executables.compose} build\n`);
  await user.shows('     on');
  user.type('\x1a');
  await user.looks('the shell prompts', (lines) => lines.at(-1)?.startsWith('prompt>') === true);
  expect(user.lines().join('\n')).toContain('Stopped');
  expect(user.lines().join('\n')).not.toContain('Building');
  user.type('fg\n');
  await user.looks('the build ends', (lines) => lines.some((line) => line.startsWith(' ✔ Image demo-web  Built')));
  user.type('exit\n');
  await user.status();
  await sandbox.mydocker(['rmi', 'demo-web']);
});
