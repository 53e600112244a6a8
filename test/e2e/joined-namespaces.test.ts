import { expect, test } from 'bun:test';
import { useSandbox } from '../helpers/sandbox.ts';
import { until } from '../helpers/until.ts';

const sandbox = useSandbox();

const IDLE = `image: busybox, init: true, command: sleep 1d`;

const namespace = (service: string, kind: string): Promise<string> =>
  sandbox.compose(['exec', '-T', service, 'readlink', `/proc/self/ns/${kind}`]);

test('a restart takes containers that live in the namespaces of another along', async () => {
  sandbox.write(
    'compose.yaml',
    `name: demo
services:
  net: {${IDLE}, network_mode: "service:base"}
  pid: {${IDLE}, pid: "service:base"}
  ipc: {${IDLE}, ipc: "service:base"}
  base: {${IDLE}, ipc: shareable}
`,
  );
  await sandbox.compose(['up', '-d']);
  for (const services of [[], ['base'], ['net']]) {
    await sandbox.compose(['restart', '-t', '2', ...services]);
    for (const kind of ['net', 'pid', 'ipc']) expect(await namespace(kind, kind)).toBe(await namespace('base', kind));
    await sandbox.compose(['exec', '-T', 'base', 'sh', '-c', 'date > /dev/shm/f']);
    expect(await sandbox.compose(['exec', '-T', 'ipc', 'cat', '/dev/shm/f'])).not.toBe('');
  }
  await sandbox.compose(['down', '-t', '0']);
});

test('an IPC namespace that is not shareable is not joined, and nothing is made', async () => {
  sandbox.write('compose.yaml', `name: demo\nservices: {a: {${IDLE}, ipc: "service:b"}, b: {${IDLE}}}\n`);
  const { status, stderr } = await sandbox.tryCompose(['up', '-d']);
  expect(stderr).toContain('services.a.ipc: the IPC namespace of service b is not shareable');
  expect(status).toBe(1);
  sandbox.write('compose.yaml', `name: demo\nservices: {b: {${IDLE}}}\n`);
  await sandbox.compose(['up', '-d']);
  sandbox.write('compose.yaml', `name: demo\nservices: {a: {${IDLE}, ipc: "container:demo-b-1"}, b: {${IDLE}}}\n`);
  expect((await sandbox.tryCompose(['up', '-d'])).stderr).toContain('the IPC namespace of container demo-b-1 is not shareable');
  await sandbox.compose(['down', '-t', '0']);
});

test('a restart policy finds the namespaces again of a container that has been restarted itself', async () => {
  sandbox.write(
    'compose.yaml',
    `name: demo
services:
  net: {${IDLE}, restart: always, network_mode: "service:base"}
  pid: {${IDLE}, restart: always, pid: "service:base"}
  ipc: {${IDLE}, restart: always, ipc: "service:base"}
  base: {${IDLE}, restart: always, ipc: shareable}
`,
  );
  await sandbox.compose(['up', '-d']);
  const end = async (service: string): Promise<void> => {
    const pid = await sandbox.mydocker(['inspect', '-f', '{{.State.Pid}}', `demo-${service}-1`]);
    if (pid !== '0') process.kill(Number(pid), 'SIGKILL');
  };
  for (const again of [() => end('base'), () => sandbox.compose(['stop', 'base']).then(() => sandbox.compose(['start', 'base']))]) {
    await again();
    await until('the base is back', async () => (await namespace('base', 'net')) !== '');
    for (const kind of ['net', 'ipc']) {
      expect(await namespace(kind, kind)).not.toBe(await namespace('base', kind));
      await end(kind);
    }
    for (const kind of ['net', 'pid', 'ipc']) {
      await until(`${kind} has joined it again`, async () => (await namespace(kind, kind)) === (await namespace('base', kind)));
    }
  }
  await sandbox.compose(['down', '-t', '0']);
});
