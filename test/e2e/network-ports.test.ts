import { expect, test } from 'bun:test';
import { createServer } from 'node:net';
import { createSocket } from 'node:dgram';
import { networkInterfaces } from 'node:os';
import { ComposeNetwork, fetchFromHost, IDLE, WEB } from '../helpers/compose-network.ts';
import { buildProgram } from '../helpers/build-program.ts';
import { run } from '../helpers/run.ts';
import { useSandbox } from '../helpers/sandbox.ts';
import { until } from '../helpers/until.ts';

const sandbox = useSandbox();
const net = new ComposeNetwork(sandbox);

async function publishedPort(service: string, port: string): Promise<number> {
  return Number((await net.compose('port', service, port)).split(':').at(-1));
}

test('a port is reached by every address of the host, by both loopback addresses, and through the host', async () => {
  sandbox.write(
    'compose.yaml',
    `services: {web: {${WEB}, ports: ["80"]}, a: {${IDLE}}, far: {${IDLE}, networks: [other]}}\nnetworks: {other: }`,
  );
  await net.compose('up', '-d');
  const port = await publishedPort('web', '80');
  const name = await net.sh('web', 'hostname');
  await until('the web server answers', async () => (await fetchFromHost(port)) === name);
  const addresses = Object.values(networkInterfaces()).flatMap((all) => (all ?? []).filter(({ scopeid = 0 }) => scopeid === 0));
  for (const { address } of [...addresses, { address: '::1' }]) expect(await fetchFromHost(port, address)).toBe(name);
  const gateway = /default via (\S+)/.exec(await net.sh('web', 'ip route'))?.[1] ?? 'none';
  for (const service of ['a', 'far', 'web']) expect(await net.fetch(service, `${gateway}:${port}`)).toBe(name);
  await net.compose('down', '-t', '0');
  await expect(fetchFromHost(port)).rejects.toThrow();
});

test('a port that is taken is refused, with the process that has it', async () => {
  const server = createServer().listen(0, '0.0.0.0');
  await new Promise((resolve) => server.once('listening', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  sandbox.write('compose.yaml', `services: {a: {${IDLE}, ports: ["${port}:80"]}}`);
  const result = await sandbox.tryCompose(['up', '-d']);
  server.close();
  expect(result.status).not.toBe(0);
  expect(result.stderr).toContain('services.a.ports');
  expect(result.stderr).not.toContain('Started');
  expect(result.stderr).toContain(`host port ${port}/tcp is in use by`);
  expect(result.stderr).toContain(`(process ${process.pid})`);
  await net.compose('down', '-t', '0');
});

test('a published port is not free for other programs while the container runs', async () => {
  sandbox.write('compose.yaml', `services: {a: {${IDLE}, ports: ["80"]}}`);
  await net.compose('up', '-d');
  const port = await publishedPort('a', '80');
  const bind = () => run('busybox', ['timeout', '1', 'busybox', 'nc', '-l', '-p', String(port)]);
  expect((await bind()).stderr).toContain('in use');
  await net.compose('stop', '-t', '0');
  expect((await bind()).stderr).not.toContain('in use');
  await net.compose('down', '-t', '0');
});

test('a range gives each replica a port of its own', async () => {
  sandbox.write('compose.yaml', `services: {a: {${IDLE}, scale: 3, ports: ["127.0.0.1:28800-28802:80"]}}`);
  await net.compose('up', '-d');
  const ports = await Promise.all([1, 2, 3].map((index) => net.compose('port', '--index', String(index), 'a', '80')));
  expect(ports.toSorted()).toEqual(['127.0.0.1:28800', '127.0.0.1:28801', '127.0.0.1:28802']);
  await net.compose('down', '-t', '0');
});

test('UDP is published, on the IPv6 loopback too', async () => {
  sandbox.write(
    'compose.yaml',
    `services: {a: {image: busybox, command: [/udp-echo, "7"], ports: ["7/udp"], volumes: ["./udp-echo:/udp-echo"]}}`,
  );
  await buildProgram('udp-echo', sandbox.directory);
  await net.compose('up', '-d');
  const port = await publishedPort('a', '7/udp');
  for (const [kind, host] of [
    ['udp4', '127.0.0.1'],
    ['udp6', '::1'],
  ] as const) {
    const socket = createSocket(kind);
    try {
      const answer = new Promise<string>((resolve) => socket.once('message', (data) => resolve(data.toString())));
      const timer = setInterval(() => socket.send('hello', port, host), 100);
      expect(await answer.finally(() => clearInterval(timer))).toBe('hello');
    } finally {
      socket.close();
    }
  }
  await net.compose('down', '-t', '0');
});

test('a port bound to one address is not open on another', async () => {
  sandbox.write('compose.yaml', `services: {web: {${WEB}, ports: ["127.0.0.1:28810:80"]}, a: {${IDLE}}}`);
  await net.compose('up', '-d');
  await until('the web server answers', () => fetchFromHost(28810));
  const gateway = /default via (\S+)/.exec(await net.sh('a', 'ip route'))?.[1] ?? 'none';
  expect(await net.reaches('a', `${gateway}:28810`)).toBe(false);
  expect(await net.reaches('a', '127.0.0.1:28810')).toBe(false);
  await net.compose('down', '-t', '0');
});

test('no request is lost while other services of the project come and go', async () => {
  sandbox.write('compose.yaml', `services: {web: {${WEB}, ports: ["28850:80"]}, other: {${IDLE}, ports: ["28851:80"]}}`);
  await net.compose('up', '-d');
  const name = await until('the web server answers', () => fetchFromHost(28850));
  let busy = true;
  let answers = 0;
  const load = async (): Promise<void> => {
    while (busy) {
      expect(await fetchFromHost(28850)).toBe(name);
      answers++;
    }
  };
  const clients = Promise.all([load(), load(), load()]);
  for (let round = 0; round < 4; round++) await net.compose('up', '-d', '--force-recreate', '-t', '0', 'other');
  busy = false;
  await clients;
  expect(answers).toBeGreaterThan(50);
  await net.compose('down', '-t', '0');
});

test('mydocker port tells where ports are published', async () => {
  sandbox.write(
    'compose.yaml',
    `services:
  web: {${WEB}, ports: ["127.0.0.1:28870:80", "[::1]:28871:81/udp"], expose: ["90"]}
  none: {${IDLE}, network_mode: none}
  host: {${IDLE}, network_mode: host}`,
  );
  await net.compose('up', '-d');
  const name = await net.compose('ps', '--format', '{{.Name}}', 'web');
  expect(await sandbox.mydocker(['port', name])).toBe('80/tcp -> 127.0.0.1:28870\n81/udp -> [::1]:28871');
  expect(await sandbox.mydocker(['port', name, '81/udp'])).toBe('[::1]:28871');
  expect((await sandbox.tryMydocker(['port', name, '81'])).stderr).toContain(`no public port '81/tcp' published for ${name}`);
  expect((await sandbox.tryCompose(['port', 'web', '82'])).stderr).toContain(`no port 82/tcp for container ${name}: 80/tcp, 81/udp`);
  expect(await sandbox.mydocker(['inspect', '-f', '{{json .Config.ExposedPorts}}', name])).toBe('{"80/tcp":{},"81/udp":{},"90/tcp":{}}');
  expect((await net.compose('ps', '--format', '{{.Service}} {{.Networks}}|{{.Ports}}')).split('\n').toSorted()).toEqual([
    'host host|',
    'none none|',
    expect.stringMatching(/^web \S+_default\|90\/tcp, 127.0.0.1:28870->80\/tcp, \[::1\]:28871->81\/udp$/),
  ]);
  await net.compose('down', '-t', '0');
});
