import { expect, test } from 'bun:test';
import { executables, useSandbox } from '../helpers/sandbox.ts';
import { Terminal } from '../helpers/terminal.ts';
import { until } from '../helpers/until.ts';

const sandbox = useSandbox();

const COUNTING = `
name: demo
services:
  web:
    image: busybox
    init: true
    command: sh -c 'i=0; while :; do i=$$((i+1)); echo line $$i; sleep 0.3; done'
`;
const MENU = 'w Enable Watch   d Detach';

function up(args: readonly string[] = [], env: Readonly<Record<string, string>> = {}): Terminal {
  return new Terminal([executables.compose, 'up', ...args], { cwd: sandbox.directory, env: { ...sandbox.env, ...env } });
}
const isLast = (text: string) => (lines: readonly string[]) => lines.at(-1) === text;
const stateOfWeb = async () => (JSON.parse(await sandbox.compose(['ps', '-a', '--format', 'json'])) as { readonly State: string }).State;

test('the menu stays below the logs and detaching leaves the containers running', async () => {
  sandbox.write('compose.yaml', COUNTING);
  const user = up();
  await user.looks('the menu is below the logs', isLast(MENU));
  for (const line of ['line 3', 'line 6']) {
    await user.shows(line);
    await user.looks('the menu is below the logs', isLast(MENU));
  }
  expect(user.lines().filter((line) => line.includes('Detach'))).toEqual([MENU]);
  user.type('d');
  expect(await user.status()).toBe(0);
  expect(user.lines().join('\n')).not.toContain('Detach');
  expect(await stateOfWeb()).toBe('running');
});

test('a narrower and a wider terminal get the menu they have room for, once', async () => {
  sandbox.write('compose.yaml', COUNTING);
  const user = up();
  await user.looks('the menu is there', isLast(MENU));
  await user.resize(20, 10);
  await user.looks('the menu has one item', isLast('w Enable Watch'));
  await user.resize(4, 10);
  await user.looks('the menu is its keys', isLast('w d'));
  await user.resize(60, 12);
  await user.looks('the menu is whole again', isLast(MENU));
  const seen = user.output.length;
  await until('more lines come', () => user.output.slice(seen).split('line').length > 4);
  await user.looks('the menu is whole still', isLast(MENU));
  expect(user.lines().filter((line) => line.includes('Enable'))).toEqual([MENU]);
  user.type('d');
  expect(await user.status()).toBe(0);
});

test('^C stops gracefully, a second one kills', async () => {
  sandbox.write('compose.yaml', COUNTING.replace('init: true', 'stop_grace_period: 1m'));
  const user = up();
  await user.looks('the menu is there', isLast(MENU));
  user.type('\x03');
  await user.shows('Gracefully Stopping...');
  await user.shows('Container demo-web-1  Stopping');
  expect(await stateOfWeb()).toBe('running');
  user.type('\x03');
  expect(await user.status()).toBe(130);
  expect(user.output).toContain('web-1 exited with code 137');
  expect(await stateOfWeb()).toBe('exited');
});

test('^Z gives the terminal to the shell, fg takes it back', async () => {
  sandbox.write('compose.yaml', COUNTING);
  const user = new Terminal(['bash', '--norc', '--noprofile', '-i'], { cwd: sandbox.directory, env: sandbox.env });
  user.type("PS1='prompt''> '\n");
  await user.shows('prompt> ');
  user.type(`${executables.compose} up\n`);
  await user.looks('the menu is there', isLast(MENU));
  user.type('\x1a');
  await user.looks('the shell prompts', (lines) => lines.at(-1)?.startsWith('prompt>') === true);
  expect(user.lines().join('\n')).toContain('Stopped');
  expect(user.lines().join('\n')).not.toContain(MENU);
  user.type('stty -a | grep -o " -*icanon"; echo $((40+2))\n');
  await user.looks('the shell answers', (lines) => lines.includes('42'));
  expect(user.lines().join('\n')).toContain(' icanon');
  user.type('fg\n');
  await user.looks('the menu is back', isLast(MENU));
  user.type('d');
  await user.looks('the shell prompts', (lines) => lines.at(-1)?.startsWith('prompt>') === true);
  user.type('echo status $?; exit\n');
  await user.shows('status 0');
  await user.status();
});

test('w turns the watch on and off', async () => {
  sandbox.write('src/a', 'one');
  sandbox.write('compose.yaml', `${COUNTING}    develop: {watch: [{path: ./src, action: sync, target: /app}]}\n`);
  const user = up();
  await user.looks('the menu is there', isLast(MENU));
  user.type('w');
  await user.looks('the watch can be turned off', isLast('w Disable Watch   d Detach'));
  await user.shows('Watch enabled');
  sandbox.write('src/a', 'two');
  await until('the change arrives', async () => (await sandbox.tryCompose(['exec', '-T', 'web', 'cat', '/app/a'])).stdout === 'two');
  user.type('w');
  await user.shows('Watch disabled');
  await user.looks('the watch can be turned on', isLast(MENU));
  sandbox.write('src/a', 'three');
  user.type('w');
  await until('the watch is on again', () => user.output.split('Watch enabled').length === 3);
  expect(await sandbox.compose(['exec', '-T', 'web', 'cat', '/app/a'])).toBe('two');
  user.type('d');
  expect(await user.status()).toBe(0);
});

test('without rules w says that there is nothing to watch', async () => {
  sandbox.write('compose.yaml', COUNTING);
  const user = up();
  await user.looks('the menu is there', isLast(MENU));
  user.type('w');
  await user.shows("no service has rules in its 'develop' section");
  await user.looks('the menu stays', isLast(MENU));
  user.type('d');
  expect(await user.status()).toBe(0);
});

test('no menu where it was turned off, no colours where they were', async () => {
  sandbox.write('compose.yaml', COUNTING);
  const without: readonly (readonly [readonly string[], Readonly<Record<string, string>>])[] = [
    [['--menu=false'], {}],
    [['--menu'], { COMPOSE_ANSI: 'never' }],
    [[], { COMPOSE_MENU: 'false' }],
    [[], { TERM: 'dumb' }],
  ];
  for (const [args, env] of without) {
    const user = up(args, env);
    await user.shows('line 2');
    expect(user.output).not.toContain('Detach');
    user.type('\x03');
    expect(await user.status()).toBe(130);
  }
  const plain = up([], { NO_COLOR: '1', COMPOSE_MENU: '1' });
  await plain.shows('line 2');
  await plain.looks('the menu is there', isLast(MENU));
  // eslint-disable-next-line no-control-regex -- the colours are what is looked for
  expect(plain.output).not.toMatch(/\u001b\[[\d;]*m/);
  plain.type('d');
  await plain.status();
});
