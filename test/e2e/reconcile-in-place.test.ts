import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'bun:test';
import { fetchFromHost, WEB } from '../helpers/compose-network.ts';
import { useSandbox } from '../helpers/sandbox.ts';
import { until } from '../helpers/until.ts';

const sandbox = useSandbox();

const IDLE = `image: busybox, init: true, stop_grace_period: 1s, command: sleep 1d`;
const write = (rest: string): string => sandbox.write('compose.yaml', `name: demo\nservices: {a: {${IDLE}, ${rest}}}\n`);

/** What must stay the same when a container is changed as it is. */
async function identity(): Promise<{ readonly id: string; readonly pid: number }> {
  const id = await sandbox.mydocker(['inspect', '-f', '{{.Id}}', 'demo-a-1']);
  return { id, pid: (await sandbox.stateOf('demo-a-1')).pid };
}

/** Changes the file, checks what the plan says and that the very same process goes on. */
async function changeInPlace(from: string, to: string, cause: string): Promise<void> {
  write(from);
  await sandbox.compose(['up', '-d']);
  const before = await identity();
  write(to);
  expect(await sandbox.compose(['plan'])).toBe(`update container demo-a-1 (${cause})`);
  await sandbox.compose(['up', '-d']);
  expect(await identity()).toEqual(before);
}

/** A file of the container's cgroup, by the name of version 1 and of version 2. */
async function cgroupFile(controller: string, v1: string, v2: string): Promise<string> {
  const { pid } = await sandbox.stateOf('demo-a-1');
  const lines = readFileSync(`/proc/${String(pid)}/cgroup`, 'utf8').split('\n');
  const old = lines.find((line) => line.split(':')[1]?.split(',').includes(controller));
  const path = (line: string | undefined): string => line?.split(':')[2] ?? '';
  const onV1 = old !== undefined && existsSync(`/sys/fs/cgroup/${controller}${path(old)}`);
  const file = onV1
    ? `/sys/fs/cgroup/${controller}${path(old)}/${v1}`
    : `/sys/fs/cgroup${path(lines.find((line) => line.startsWith('0::')))}/${v2}`;
  return readFileSync(file, 'utf8').trim();
}

test('a limit is set, changed and taken away in the running container', async () => {
  const pids = (): Promise<string> => cgroupFile('pids', 'pids.max', 'pids.max');
  await changeInPlace('tty: false', 'tty: false, pids_limit: 50', 'services.a.pids_limit added: 50');
  expect(await pids()).toBe('50');
  await changeInPlace('tty: false, pids_limit: 50', 'tty: false, pids_limit: 60', 'services.a.pids_limit changed: 50 -> 60');
  expect(await pids()).toBe('60');
  await changeInPlace('tty: false, pids_limit: 60', 'tty: false', 'services.a.pids_limit removed: 60');
  expect(await pids()).toBe('max');
  await sandbox.compose(['down']);
});

test('memory and CPU limits too', async () => {
  const memory = (): Promise<string> => cgroupFile('memory', 'memory.limit_in_bytes', 'memory.max');
  await changeInPlace('mem_limit: 64m', 'mem_limit: 32m', 'services.a.mem_limit changed: "67108864" -> "33554432"');
  expect(await memory()).toBe('33554432');
  await changeInPlace(
    'mem_limit: 32m',
    'mem_limit: 128m, cpus: 0.5',
    'services.a.cpus added: 0.5; services.a.mem_limit changed: "33554432" -> "134217728"',
  );
  expect(await memory()).toBe('134217728');
  expect(await cgroupFile('cpu', 'cpu.cfs_quota_us', 'cpu.max')).toStartWith('50000');
  await changeInPlace(
    'mem_limit: 128m, cpus: 0.5',
    'cpu_shares: 512',
    'services.a.cpu_shares added: 512; services.a.cpus removed: 0.5; services.a.mem_limit removed: "134217728"',
  );
  expect(await memory()).toMatch(/^max$|^9223372036854/);
  expect(await cgroupFile('cpu', 'cpu.cfs_quota_us', 'cpu.max')).toMatch(/^-1$|^max /);
  await sandbox.compose(['down']);
});

test('a limit that was changed is still there after the container has restarted by itself', async () => {
  await changeInPlace('restart: always, pids_limit: 50', 'restart: always, pids_limit: 60', 'services.a.pids_limit changed: 50 -> 60');
  const before = await identity();
  process.kill(before.pid, 'SIGKILL');
  await until('it runs again', async () => {
    const now = await identity();
    return now.pid !== before.pid && now.pid > 0;
  });
  expect((await identity()).id).toBe(before.id);
  expect(await cgroupFile('pids', 'pids.max', 'pids.max')).toBe('60');
  await sandbox.compose(['down']);
});

test('a restart policy is in force at once', async () => {
  await changeInPlace('restart: "no"', 'restart: always', 'services.a.restart changed: "no" -> "always"');
  const { pid } = await identity();
  process.kill(pid, 'SIGKILL');
  await until('it runs again', async () => {
    const now = await identity();
    return now.pid !== pid && now.pid > 0;
  });
  await sandbox.compose(['down']);
});

test('labels change in the record of the running container', async () => {
  await changeInPlace(
    'labels: {x: "1", y: "1"}',
    'labels: {x: "2"}',
    'services.a.labels.x changed: "1" -> "2"; services.a.labels.y removed: "1"',
  );
  expect(await sandbox.mydocker(['inspect', '-f', '{{index .Config.Labels "x"}}', 'demo-a-1'])).toBe('2');
  expect(await sandbox.mydocker(['ps', '--filter', 'label=x=2', '--format', '{{.Names}}'])).toBe('demo-a-1');
  expect(await sandbox.mydocker(['ps', '--filter', 'label=y=1', '--format', '{{.Names}}'])).toBe('');
  await sandbox.compose(['down']);
});

test('what a service depends on is known to stop and restart without a new container', async () => {
  const file = (rest: string): string => sandbox.write('compose.yaml', `name: demo\nservices: {a: {${IDLE}${rest}}, b: {${IDLE}}}\n`);
  file('');
  await sandbox.compose(['up', '-d']);
  const before = await identity();
  file(', depends_on: {b: {condition: service_started, restart: true}}');
  expect(await sandbox.compose(['plan'])).toBe(
    'update container demo-a-1 (services.a.depends_on.b added: {"condition":"service_started","restart":true})',
  );
  await sandbox.compose(['up', '-d']);
  expect(await identity()).toEqual(before);
  await sandbox.compose(['-p', 'demo', 'restart', 'b']);
  expect((await identity()).pid).not.toBe(before.pid);
  await sandbox.compose(['down']);
});

test('a service is scaled without touching the containers that stay', async () => {
  write('scale: 1');
  await sandbox.compose(['up', '-d']);
  const before = await identity();
  write('scale: 3');
  await sandbox.compose(['up', '-d']);
  expect(await identity()).toEqual(before);
  write('scale: 1');
  expect((await sandbox.compose(['plan'])).split('\n').filter((line) => line.startsWith('remove'))).toEqual([
    'remove container demo-a-2 (services.a: scale 3 -> 1)',
    'remove container demo-a-3 (services.a: scale 3 -> 1)',
  ]);
  await sandbox.compose(['up', '-d']);
  expect(await identity()).toEqual(before);
  await sandbox.compose(['down']);
});

test('ports are published and taken back while the container runs', async () => {
  const answers = (port: number): Promise<boolean> =>
    fetchFromHost(port).then(
      () => true,
      () => false,
    );
  const file = (ports: string): string => sandbox.write('compose.yaml', `name: demo\nservices: {a: {${WEB}, ports: [${ports}]}}\n`);
  file('"18081:80"');
  await sandbox.compose(['up', '-d']);
  const before = await identity();
  await until('it answers', () => answers(18081));
  file('"18082:80", "18083:80"');
  expect(await sandbox.compose(['plan'])).toStartWith(
    'update container demo-a-1 (services.a.ports[80].published changed: "18081" -> "18082"; services.a.ports',
  );
  await sandbox.compose(['up', '-d']);
  expect(await identity()).toEqual(before);
  expect([await answers(18081), await answers(18082), await answers(18083)]).toEqual([false, true, true]);
  expect(await sandbox.compose(['port', 'a', '80'])).toBe('0.0.0.0:18082');
  await sandbox.compose(['restart', 'a']);
  await until('it answers again', () => answers(18083));
  expect(await answers(18081)).toBe(false);
  await sandbox.compose(['down']);
});

test('a port that something else holds changes nothing', async () => {
  const file = (port: string): string => sandbox.write('compose.yaml', `name: demo\nservices: {a: {${IDLE}, ports: ["${port}:80"]}}\n`);
  await sandbox.mydocker(['run', '-d', '--name', 'holder', '--network', 'host', 'busybox', 'nc', '-l', '-p', '18085']);
  file('18084');
  await sandbox.compose(['up', '-d']);
  const before = await identity();
  file('18085');
  const { status, stderr } = await sandbox.tryCompose(['up', '-d']);
  expect(status).toBe(1);
  expect(stderr).toContain('18085');
  expect(await identity()).toEqual(before);
  expect(await sandbox.compose(['port', 'a', '80'])).toBe('0.0.0.0:18084');
  await sandbox.mydocker(['rm', '-f', 'holder']);
  await sandbox.compose(['up', '-d']);
  expect(await identity()).toEqual(before);
  expect(await sandbox.compose(['port', 'a', '80'])).toBe('0.0.0.0:18085');
  await sandbox.compose(['down']);
});

test('aliases are answered by the running container', async () => {
  const file = (aliases: string): string =>
    sandbox.write('compose.yaml', `name: demo\nservices: {a: {${IDLE}, networks: {default: ${aliases}}}, b: {${IDLE}}}\n`);
  const found = async (name: string): Promise<boolean> =>
    (await sandbox.tryCompose(['exec', '-T', 'b', 'ping', '-c', '1', '-W', '1', name])).status === 0;
  file('{aliases: [one]}');
  await sandbox.compose(['up', '-d']);
  const before = await identity();
  expect(await found('one')).toBe(true);
  file('{aliases: [two]}');
  expect(await sandbox.compose(['plan'])).toBe(
    'update container demo-a-1 (services.a.networks.default.aliases changed: ["one"] -> ["two"])',
  );
  await sandbox.compose(['up', '-d']);
  expect(await identity()).toEqual(before);
  expect([await found('one'), await found('two'), await found('a')]).toEqual([false, true, true]);
  file('null');
  await sandbox.compose(['up', '-d']);
  expect(await identity()).toEqual(before);
  expect(await found('two')).toBe(false);
  await sandbox.compose(['down']);
});
