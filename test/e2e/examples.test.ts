import { beforeAll, expect, test } from 'bun:test';
import { cpSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { rootfsTar } from '../helpers/rootfs-tar.ts';
import { expectSuccess, run } from '../helpers/run.ts';
import { useSandbox } from '../helpers/sandbox.ts';
import { until } from '../helpers/until.ts';

const sandbox = useSandbox();
const loadGenerator = new URL('../../scripts/bench/http-load.ts', import.meta.url).pathname;
const examples = new URL('../../examples/', import.meta.url).pathname;
const images = {
  'redis:debian': await rootfsTar('redis', ['redis-server', 'redis-tools']),
  'nginx:debian': await rootfsTar('nginx', ['nginx']),
  'python:debian': await rootfsTar('python', ['python3']),
};

beforeAll(async () => {
  for (const [image, tar] of Object.entries(images)) await sandbox.mydocker(['import', tar, image]);
});

/** The example's files, copied, so that nothing is ever written into the repository. */
function open(name: string): string {
  cpSync(join(examples, name), join(sandbox.directory, name), { recursive: true });
  const file = join(sandbox.directory, name, 'compose.yaml');
  sandbox.afterTest(async () => {
    await sandbox.compose(['-f', file, 'down', '--volumes', '-t', '2']);
    expect(await sandbox.mydocker(['volume', 'ls', '-q'])).toBe('');
  });
  return file;
}

test('hello: the reader shows what the writer writes', async () => {
  const file = open('hello');
  await sandbox.compose(['-f', file, 'up', '-d']);
  await until('the reader has printed', async () => (await sandbox.compose(['-f', file, 'logs', 'reader'])).includes('hello from writer'));
  expect((await sandbox.compose(['-f', file, 'ps', '-q'])).split('\n')).toHaveLength(2);
});

test('redis-counter: the count goes on after down and up, and starts again after down --volumes', async () => {
  const file = open('redis-counter');
  const compose = (...args: string[]): Promise<string> => sandbox.compose(['-f', file, ...args]);
  const redis = async (...args: string[]): Promise<number> =>
    Number(await compose('exec', '-T', 'redis', 'redis-cli', '-s', '/sockets/redis.sock', ...args));
  const countAbove = (least: number): Promise<number> =>
    until(`the count is above ${least}`, async () => {
      const count = await redis('get', 'count');
      return count > least && count;
    });

  await compose('up', '-d');
  await countAbove(3);
  // Stopped first, so that the number read is the last one.
  await compose('stop', 'counter');
  const before = await redis('get', 'count');
  await compose('down', '--keep-volumes');
  await sandbox.expectNothingLeft();

  await compose('up', '-d');
  expect(await countAbove(before)).toBeGreaterThan(before);
  await compose('down', '--volumes');
  await sandbox.expectNothingLeft();

  await compose('up', '-d');
  expect(await countAbove(0)).toBeLessThan(before);
});

test('web: services find each other by name, the port answers, and no request is lost while another service is recreated', async () => {
  const file = open('web');
  const port = await freePort();
  const env = { WEB_PORT: String(port) };
  const compose = (...args: string[]): Promise<string> => sandbox.compose(['-f', file, ...args], { env });
  await compose('up', '-d');
  const visit = async (): Promise<string> => (await fetch(`http://127.0.0.1:${port}/`)).text();
  await until('the first visit is counted', async () => (await visit()).startsWith('visit number'));
  const [, first] = /visit number (\d+)/.exec(await visit()) ?? [];
  expect(await visit()).toBe(`visit number ${Number(first) + 1}\n`);
  expect(await compose('port', 'proxy', '80')).toBe(`0.0.0.0:${port}`);

  const load = run(process.execPath, [loadGenerator, `http://127.0.0.1:${port}/health`, '100000'], { timeout: 150_000 });
  let recreated = 0;
  let loaded = false;
  void load.then(() => (loaded = true));
  // The request generator ends meanwhile; the last recreation is waited for, so that `down` does not meet it.
  const finished = (): boolean => loaded;
  while (!finished()) {
    await compose('up', '-d', '--force-recreate', '--no-deps', 'store');
    recreated++;
  }
  const { failed } = JSON.parse(expectSuccess(await load).stdout) as { failed: number };
  expect(failed).toBe(0);
  expect(recreated).toBeGreaterThan(0);
  await until('visits are counted on', async () => (await visit()).startsWith('visit number'));
}, 200_000);

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}
