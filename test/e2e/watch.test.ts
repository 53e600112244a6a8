import { expect, test } from 'bun:test';
import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { executables, useSandbox } from '../helpers/sandbox.ts';
import { until } from '../helpers/until.ts';

const sandbox = useSandbox();

const FILE = `
name: demo
services:
  web:
    build: {dockerfile_inline: "FROM busybox\\nCOPY src /app\\nCMD sleep 1d"}
    init: true
    develop:
      watch:
        - {path: ./src, action: sync, target: /app, ignore: ["*.log"], initial_sync: true}
        - {path: ./marker, action: sync+exec, target: /marker, exec: {command: "sh -c 'cat /marker > /ran'"}}
        - {path: ./rebuild, action: rebuild}
`;

async function inWeb(...args: readonly string[]): Promise<string> {
  const { stdout } = await sandbox.tryCompose(['exec', '-T', 'web', ...args]);
  return stdout.trim();
}

test('changes are synced, run hooks and rebuild', async () => {
  sandbox.write('compose.yaml', FILE);
  sandbox.write('src/a', 'one');
  sandbox.write('marker', '');
  sandbox.write('rebuild', '');
  const watch = spawn(executables.compose, ['watch'], {
    cwd: sandbox.directory,
    env: { ...process.env, ...sandbox.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = new Promise<number | null>((resolve) => watch.once('close', resolve));
  let said = '';
  for (const stream of [watch.stdout, watch.stderr]) stream.on('data', (chunk: Buffer) => (said += chunk.toString()));
  try {
    await until('the watch is on', () => said.includes('Watch enabled'), 20_000);
    expect(await inWeb('cat', '/app/a')).toBe('one');
    sandbox.write('src/a', 'two');
    sandbox.write('src/deep/b', 'new');
    sandbox.write('src/c.log', 'ignored');
    await until('changes arrive', async () => (await inWeb('sh', '-c', 'cat /app/a /app/deep/b')) === 'twonew');
    expect(await inWeb('ls', '/app')).toBe('a\ndeep');
    rmSync(join(sandbox.directory, 'src', 'deep'), { recursive: true });
    await until('a removal arrives', async () => (await inWeb('ls', '/app')) === 'a');
    sandbox.write('marker', 'hello');
    await until('the hook ran after the sync', async () => (await inWeb('cat', '/ran')) === 'hello');
    const before = await sandbox.compose(['ps', '-q', 'web']);
    sandbox.write('rebuild', 'now');
    await until(
      'the service is made anew',
      async () => {
        const { stdout } = await sandbox.tryCompose(['ps', '-q', 'web']);
        return stdout.trim() !== '' && stdout.trim() !== before;
      },
      20_000,
    );
  } finally {
    watch.kill('SIGINT');
  }
  expect(await ended).toBe(0);
  await sandbox.compose(['down', '-t', '0', '--rmi', 'local']);
}, 60_000);

test('without a develop section there is nothing to watch', async () => {
  sandbox.write('compose.yaml', 'services: {a: {image: busybox}}');
  const { status, stderr } = await sandbox.tryCompose(['watch']);
  expect(stderr).toContain("consider setting a 'develop' section");
  expect(status).not.toBe(0);
});
