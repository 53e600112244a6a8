import { renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'bun:test';
import { useSandbox } from '../helpers/sandbox.ts';
import { until } from '../helpers/until.ts';

const sandbox = useSandbox();

const IDLE = `image: busybox, init: true, stop_grace_period: 1s, command: sleep 1d`;
const idOf = (name: string): Promise<string> => sandbox.mydocker(['inspect', '-f', '{{.Id}}', name]);
const status = (): Promise<string> => sandbox.mydocker(['inspect', '-f', '{{.State.Status}}', 'demo-a-1']);
const NETWORK = 'networks: {default: {name: demo_net}}';

/** Lets something happen to a running project; the plan says what, `up` heals it, and then there is nothing left to do. */
async function heal(drift: () => Promise<unknown>, ...plan: readonly string[]): Promise<void> {
  sandbox.write('compose.yaml', `name: demo\nservices: {a: {${IDLE}, volumes: ["data:/data"]}}\nvolumes: {data: }\n${NETWORK}\n`);
  await sandbox.compose(['up', '-d']);
  await sandbox.compose(['exec', '-T', 'a', 'sh', '-c', 'echo kept > /data/file']);
  await drift();
  expect((await sandbox.compose(['plan'])).split('\n')).toEqual([...plan]);
  await sandbox.compose(['up', '-d']);
  expect(await sandbox.compose(['ps', '-a', '--format', '{{.Name}} {{.State}}'])).toBe('demo-a-1 running');
}
const expectKept = async (): Promise<void> => expect(await sandbox.compose(['exec', '-T', 'a', 'cat', '/data/file'])).toBe('kept');
const takeDown = (): Promise<string> => sandbox.compose(['down', '-v']);

test('its process was killed', async () => {
  await heal(async () => {
    process.kill((await sandbox.stateOf('demo-a-1')).pid, 'SIGKILL');
    await until('it has ended', async () => (await status()) === 'exited');
  }, 'start container demo-a-1 (it exited with 137)');
  await expectKept();
  await takeDown();
});

test('its supervisor was killed', async () => {
  await heal(async () => {
    process.kill((await sandbox.stateOf('demo-a-1')).supervisor.pid, 'SIGKILL');
    await until('it has ended', async () => (await status()) === 'exited');
  }, 'start container demo-a-1 (it exited with 137)');
  await expectKept();
  await takeDown();
});

test('it was removed', async () => {
  await heal(() => sandbox.mydocker(['rm', '-f', 'demo-a-1']), 'create container demo-a-1 (not there)', 'start container demo-a-1 (new)');
  await expectKept();
  await takeDown();
});

test('it was paused, stopped, renamed', async () => {
  await heal(() => sandbox.mydocker(['pause', 'demo-a-1']), 'unpause container demo-a-1 (it is paused)');
  await heal(() => sandbox.mydocker(['stop', 'demo-a-1']), 'start container demo-a-1 (it exited with 143)');
  const before = await idOf('demo-a-1');
  await heal(() => sandbox.mydocker(['rename', 'demo-a-1', 'other']), 'rename container demo-a-1 (it is called other)');
  expect(await idOf('demo-a-1')).toBe(before);
  await expectKept();
  await takeDown();
});

test('its write layer is gone', async () => {
  await heal(
    async () => {
      await sandbox.mydocker(['stop', 'demo-a-1']);
      rmSync(join(sandbox.dataRoot, 'containers', await idOf('demo-a-1'), 'diff'), { recursive: true });
    },
    'recreate container demo-a-1 (its write layer is gone)',
    'start container demo-a-1 (made anew)',
  );
  await expectKept();
  await takeDown();
});

test('its network was removed', async () => {
  await heal(
    async () => {
      await sandbox.mydocker(['stop', 'demo-a-1']);
      await sandbox.mydocker(['network', 'rm', 'demo_net']);
    },
    'create network demo_net (not there)',
    'start container demo-a-1 (it exited with 143)',
  );
  await takeDown();
});

test('it was taken off its network', async () => {
  await heal(
    () => sandbox.mydocker(['network', 'disconnect', 'demo_net', 'demo-a-1']),
    'recreate container demo-a-1 (services.a.networks: not on network "demo_net")',
    'start container demo-a-1 (made anew)',
  );
  await takeDown();
});

test('the folder of its volume is gone: a new one is made, and said', async () => {
  await heal(
    () => {
      renameSync(join(sandbox.dataRoot, 'volumes/demo_data'), join(sandbox.root, 'taken'));
      return Promise.resolve();
    },
    'create volume demo_data (not there)',
    'recreate container demo-a-1 (its volume demo_data is made anew)',
    'start container demo-a-1 (made anew)',
  );
  expect(await sandbox.compose(['exec', '-T', 'a', 'sh', '-c', 'ls /data; echo new > /data/file; cat /data/file'])).toBe('new');
  await takeDown();
});
