import { expect, test } from 'bun:test';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { executables, useSandbox } from '../helpers/sandbox.ts';
import { until } from '../helpers/until.ts';

const sandbox = useSandbox();

/** Long enough for a command to be under way of which nothing is to be seen. */
const slept = async (): Promise<boolean> => {
  await new Promise((resolve) => setTimeout(resolve, 600));
  return true;
};

/** What a command ends with that gets a signal once `ready` is so. */
async function interrupted(args: readonly string[], signal: NodeJS.Signals, ready: () => Promise<boolean>): Promise<unknown> {
  const child = spawn(executables.compose, args, { cwd: sandbox.directory, env: { ...process.env, ...sandbox.env }, stdio: 'ignore' });
  const ended = once(child, 'exit');
  await until(`${args.join(' ')} is under way`, ready);
  child.kill(signal);
  const [code, by] = (await ended) as [number | null, string | null];
  return code ?? by;
}

test('a command that is interrupted ends with 130, whichever the signal', async () => {
  sandbox.write(
    'compose.yaml',
    `name: demo
services:
  a: {image: busybox, init: true, command: sleep 1d, healthcheck: {test: "false", interval: 60s, retries: 100}}
`,
  );
  const runs = async (): Promise<boolean> => (await sandbox.compose(['ps', '-q', '--status', 'running'])) !== '';
  expect(await interrupted(['up', '--wait'], 'SIGINT', runs)).toBe(130);
  expect(await interrupted(['up', '--wait'], 'SIGTERM', runs)).toBe(130);
  for (const command of [['wait', 'a'], ['logs', '-f'], ['stats']]) {
    expect([command, await interrupted(command, 'SIGTERM', slept)]).toEqual([command, 130]);
    expect([command, await interrupted(command, 'SIGINT', slept)]).toEqual([command, 130]);
  }
  expect(await runs()).toBe(true);
  await sandbox.compose(['down', '-t', '0']);
});
