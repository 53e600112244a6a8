import { expect, test } from 'bun:test';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { executables, useSandbox } from '../helpers/sandbox.ts';
import { until } from '../helpers/until.ts';

const sandbox = useSandbox();

const FILE = `name: demo
services:
  web: {image: busybox, init: true, command: sleep 1d, labels: {tier: front}}
  job: {image: busybox, init: true, command: sh -c 'sleep 0.5; exit 4'}
`;

interface ComposeEvent {
  readonly time: string;
  readonly type: string;
  readonly action: string;
  readonly id: string;
  readonly service: string;
  readonly attributes: Readonly<Record<string, string>>;
}

const eventsOf = (text: string): readonly ComposeEvent[] =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as ComposeEvent);

/** A command that goes on, and what it has said so far. */
function following(...args: string[]): {
  readonly said: () => string;
  readonly ended: Promise<unknown>;
  readonly end: (signal: NodeJS.Signals) => Promise<unknown>;
} {
  const child = spawn(executables.compose, args, {
    cwd: sandbox.directory,
    env: { ...process.env, ...sandbox.env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
  const ended = once(child, 'exit').then(([code]) => code as unknown);
  return {
    said: () => text,
    ended,
    end: (signal) => {
      child.kill(signal);
      return ended;
    },
  };
}

test('events tells what happens to the containers of the project while it happens', async () => {
  sandbox.write('compose.yaml', FILE);
  const all = following('events', '--json');
  const front = following('events', 'web');
  await until('up is seen', async () => {
    await sandbox.compose(['up', '-d', '--force-recreate']);
    return all.said().includes('"start"') && front.said().includes(' start ');
  });
  await sandbox.compose(['kill', 'web']);
  await sandbox.compose(['down']);
  await until('down is seen', () => (all.said().match(/"destroy"/g) ?? []).length >= 2);
  await until('down is seen by the other', () => front.said().includes(' destroy '));
  expect(await all.end('SIGINT')).toBe(130);
  expect(await front.end('SIGTERM')).toBe(130);
  const events = eventsOf(all.said());
  const killed = events.findLast(({ action, service }) => action === 'kill' && service === 'web');
  expect(killed).toMatchObject({ type: 'container', attributes: { name: 'demo-web-1', image: 'busybox', signal: '9', tier: 'front' } });
  expect(events.filter(({ action, service }) => action === 'die' && service === 'web').at(-1)?.attributes['exitCode']).toBe('137');
  expect(front.said()).not.toContain('demo-job-1');
  expect(front.said()).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6} container \w+ [0-9a-f]{64} \(.*name=demo-web-1/m);
});

test('--since and --until read what has been, in order, and end', async () => {
  sandbox.write('compose.yaml', FILE);
  const begin = new Date().toISOString();
  await sandbox.compose(['up', '-d', 'web']);
  await sandbox.compose(['restart', '-t', '0', 'web']);
  await sandbox.compose(['down', '-t', '0']);
  const events = eventsOf(await sandbox.compose(['events', '--json', '--since', begin, '--until', new Date().toISOString()]));
  const actions = events.map(({ action }) => action).filter((action) => action !== 'kill');
  expect(actions).toEqual(['create', 'start', 'die', 'stop', 'start', 'restart', 'die', 'stop', 'destroy']);
  expect(events.map(({ time }) => Date.parse(time))).toEqual(events.map(({ time }) => Date.parse(time)).sort((a, b) => a - b));
  expect(await sandbox.compose(['events', '--json', '--since', '0s', '--until', '0s'])).toBe('');
});

test('copies, exports, commits and renames are events of the service', async () => {
  sandbox.write('compose.yaml', FILE);
  await sandbox.compose(['up', '-d', 'web']);
  const begin = new Date().toISOString();
  await sandbox.compose(['cp', 'compose.yaml', 'web:/tmp/x']);
  await sandbox.compose(['cp', 'web:/tmp/x', 'x']);
  await sandbox.compose(['export', '-o', 'x.tar', 'web']);
  await sandbox.compose(['commit', 'web', 'demo-committed']);
  await sandbox.mydocker(['rename', 'demo-web-1', 'other']);
  const events = eventsOf(await sandbox.compose(['events', '--json', '--since', begin, '--until', new Date().toISOString(), 'web']));
  expect(events.map(({ action }) => action)).toEqual(['extract-to-dir', 'archive-path', 'export', 'pause', 'commit', 'unpause', 'rename']);
  for (const { attributes } of events) expect(attributes).toMatchObject({ image: 'busybox', tier: 'front' });
  expect(events.at(-1)?.attributes).toMatchObject({ name: 'other', oldName: '/demo-web-1' });
  await sandbox.compose(['down', '-t', '0']);
});

test('wait ends when all of the services have ended, and fails when one of them did', async () => {
  sandbox.write('compose.yaml', FILE);
  await sandbox.compose(['up', '-d']);
  const waiting = following('wait', 'job', 'web');
  await until('the job has ended', () => waiting.said().includes('exited with status code 4'));
  await sandbox.compose(['kill', 'web']);
  expect(await waiting.ended).toBe(4);
  expect(waiting.said()).toContain('exited with status code 137');
  const down = await sandbox.tryCompose(['wait', '--down-project', 'job']);
  expect(down.status).toBe(4);
  expect(await sandbox.compose(['ps', '-aq'])).toBe('');
  expect((await sandbox.tryCompose(['wait', 'nosuch'])).stderr).toContain('no such service: nosuch');
});
