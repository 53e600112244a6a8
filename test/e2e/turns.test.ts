import { spawn, type ChildProcess } from 'node:child_process';
import { expect, test } from 'bun:test';
import { executables, useSandbox } from '../helpers/sandbox.ts';
import { until } from '../helpers/until.ts';

const sandbox = useSandbox();

const IDLE = `image: busybox, init: true, stop_grace_period: 1s, command: sleep 1d`;
/** Its `up` takes as long as the check says: until the file appears. */
const SLOW = `name: demo
services:
  slow: {${IDLE}, healthcheck: {test: test -e /gate/open, interval: 100ms, retries: 10000}, volumes: ["./gate:/gate"]}
  after: {${IDLE}, depends_on: {slow: {condition: service_healthy}}}
`;

interface Running {
  readonly child: ChildProcess;
  readonly said: () => string;
  readonly end: Promise<number>;
}

function begin(...args: readonly string[]): Running {
  const child = spawn(executables.compose, args, { cwd: sandbox.directory, env: { ...process.env, ...sandbox.env } });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
  const end = new Promise<number>((resolve) => child.on('close', (code) => resolve(code ?? 137)));
  sandbox.afterTest(() => {
    child.kill('SIGKILL');
    return end;
  });
  return { child, said: () => text, end };
}

async function slowUp(): Promise<Running> {
  sandbox.write('compose.yaml', SLOW);
  sandbox.write('gate/closed', '');
  const up = begin('up', '-d');
  await until('it waits for health', () => Promise.resolve(up.said().includes('Waiting')));
  return up;
}

const CHANGES: readonly (readonly string[])[] = [
  ['down'],
  ['stop'],
  ['restart', 'slow'],
  ['kill', 'slow'],
  ['rm', '-f', '-s'],
  ['start'],
  ['pause'],
  ['unpause'],
  ['scale', 'slow=2'],
  ['create', '--force-recreate'],
  ['run', '--rm', '-T', 'slow', 'true'],
  ['rollback'],
  ['up', '-d', '--force-recreate'],
];

test('every command that changes something waits for the one before and says for whom', async () => {
  sandbox.write('compose.yaml', SLOW.replace('10000', '9999'));
  await sandbox.compose(['create', 'slow']);
  const up = await slowUp();
  const waiting = CHANGES.map((args) => ({ args, command: begin(...args) }));
  for (const { args, command } of waiting) {
    await until(`${args.join(' ')} waits`, () =>
      Promise.resolve(
        command.said().includes(`waiting for another command that changes project "demo": up (process ${String(up.child.pid)})`),
      ),
    );
  }
  expect(await sandbox.compose(['ps', '-a', '--format', '{{.Name}} {{.State}}'])).toBe('demo-after-1 created\ndemo-slow-1 running');
  for (const { command } of waiting) command.child.kill('SIGKILL');
  sandbox.write('gate/open', '');
  expect(await up.end).toBe(0);
  await sandbox.compose(['down']);
}, 60_000);

test('commands that only look never wait', async () => {
  const up = await slowUp();
  for (const args of [
    ['ps'],
    ['ls'],
    ['images'],
    ['logs'],
    ['config', '-q'],
    ['plan'],
    ['top'],
    ['history'],
    ['volumes'],
    ['down', '--dry-run'],
  ]) {
    const { milliseconds, stderr } = await sandbox.tryCompose(args);
    expect([args, stderr.includes('waiting for another')]).toEqual([args, false]);
    expect(milliseconds).toBeLessThan(5000);
  }
  sandbox.write('gate/open', '');
  expect(await up.end).toBe(0);
  await sandbox.compose(['down']);
});

test('a command that is killed leaves no lock', async () => {
  const up = await slowUp();
  const down = begin('down');
  await until('it waits', () => Promise.resolve(down.said().includes('waiting for another command')));
  up.child.kill('SIGKILL');
  expect(await down.end).toBe(0);
  expect(await sandbox.compose(['ps', '-aq'])).toBe('');
});

test('an up that only shows logs holds up nobody', async () => {
  sandbox.write('compose.yaml', `name: demo\nservices: {a: {${IDLE}}}\n`);
  const up = begin('up');
  await until('it is attached', () => Promise.resolve(up.said().includes('Attaching to')));
  const { stderr } = await sandbox.tryCompose(['stop']);
  expect(stderr).not.toContain('waiting for another');
  expect(await up.end).toBe(0);
  await sandbox.compose(['down']);
});

test('an interrupt ends the waiting of an attached up', async () => {
  const first = await slowUp();
  const second = begin('up', '--force-recreate');
  await until('it waits', () => Promise.resolve(second.said().includes('waiting for another command')));
  sandbox.write('gate/open', '');
  second.child.kill('SIGINT');
  expect(await first.end).toBe(0);
  expect(await second.end).toBe(130);
  await sandbox.compose(['down']);
});

test('two ups and a down of one project at once leave it whole or gone', async () => {
  sandbox.write('compose.yaml', `name: demo\nservices: {a: {${IDLE}}, b: {${IDLE}, depends_on: [a]}}\n`);
  const all = [begin('up', '-d'), begin('up', '-d', '--force-recreate'), begin('down'), begin('up', '-d')];
  expect(await Promise.all(all.map(({ end }) => end))).toEqual([0, 0, 0, 0]);
  const left = (await sandbox.compose(['ps', '-a', '--format', '{{.Name}}'])).split('\n').filter(Boolean);
  expect([0, 2]).toContain(left.length);
  await sandbox.compose(['down']);
});
