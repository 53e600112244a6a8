import { expect, test } from 'bun:test';
import { createServer, type Server } from 'node:net';
import { readdirSync } from 'node:fs';
import type { PortSpec } from '../../src/model/container.ts';
import type { Runtime } from '../../src/model/runtime.ts';
import { openRuntime } from '../../src/runtime/runtime.ts';
import { ComposeNetwork, fetchFromHost, IDLE, WEB } from '../helpers/compose-network.ts';
import { expectSuccess, run } from '../helpers/run.ts';
import { executables, useSandbox } from '../helpers/sandbox.ts';
import { supervisorOf } from '../helpers/supervisor-of.ts';
import { until } from '../helpers/until.ts';

const sandbox = useSandbox();
const net = new ComposeNetwork(sandbox, 'live');
// This process is not the compiled program, beside which the core would be.
process.env['MYDOCKER_CORE'] = executables.core;

async function open(): Promise<Runtime> {
  const runtime = await openRuntime({ dataRoot: sandbox.dataRoot, runRoot: sandbox.runRoot });
  sandbox.afterTest(() => runtime.close());
  return runtime;
}

function tcp(hostPort: number, containerPort = 80, hostIp = ''): PortSpec {
  return { protocol: 'tcp', hostIp, hostPort, containerPort };
}

async function elements(): Promise<string> {
  return expectSuccess(await run('nft', ['list', 'ruleset'])).stdout.replaceAll(/\s+/g, ' ');
}

test('aliases and links of a running endpoint are replaced at once', async () => {
  sandbox.write('compose.yaml', `services: {a: {${IDLE}}, b: {${WEB}, networks: {default: {aliases: [old]}}}}`);
  await net.compose('up', '-d');
  const runtime = await open();
  const own = await net.own('b');
  await runtime.networks.updateEndpoint('live_default', 'live-b-1', { aliases: ['b', 'new'] });
  expect(await net.addresses('a', 'new')).toEqual(own);
  expect(await net.addresses('a', 'old')).toEqual([]);
  await runtime.networks.updateEndpoint('live_default', 'live-a-1', { links: ['live-b-1:far'] });
  expect(await net.addresses('a', 'far')).toEqual(own);
  expect(await net.addresses('b', 'far')).toEqual([]);
  const { network, config } = await runtime.containers.get('live-b-1');
  expect(network.endpoints[0]?.aliases.slice(0, 3)).toEqual(['live-b-1', 'b', 'new']);
  expect(config.network.endpoints[0]?.aliases).toEqual(['b', 'new']);
  // What was changed is what the next start has.
  await net.compose('restart', '-t', '0', 'b');
  expect(await net.addresses('a', 'new')).toEqual(await net.own('b'));
  await net.compose('down', '-t', '0');
});

test('an endpoint may have more names than one record holds', async () => {
  const aliases = Array.from({ length: 100 }, (_, index) => `${'n'.repeat(50)}${index}`);
  sandbox.write('compose.yaml', `services: {a: {${WEB}, networks: {default: {aliases: ${JSON.stringify(aliases)}}}}}`);
  await net.compose('up', '-d');
  const { network } = await (await open()).containers.get('live-a-1');
  expect(network.endpoints[0]?.aliases).toEqual(expect.arrayContaining([...aliases, 'a', 'live-a-1']));
  expect(await net.addresses('a', aliases[99] ?? '')).toEqual(await net.own('a'));
  await net.compose('down', '-t', '0');
});

test('published ports of a running container are replaced: those that stay lose nothing, those that go are free', async () => {
  sandbox.write('compose.yaml', `services: {web: {${WEB}, ports: ["28860:80", "28861:80"]}}`);
  await net.compose('up', '-d');
  const runtime = await open();
  const name = await until('the port answers', () => fetchFromHost(28860));
  const publish = (...ports: PortSpec[]): Promise<void> => runtime.networks.publish('live-web-1', ports);

  await publish(tcp(28860), tcp(28862));
  expect([await fetchFromHost(28860), await fetchFromHost(28862)]).toEqual([name, name]);
  await expect(fetchFromHost(28861)).rejects.toThrow('ECONNREFUSED');
  await (await listenOn(28861)).close();
  expect(await net.compose('ps', '--format', '{{.Ports}}')).toContain('0.0.0.0:28860->80/tcp, 0.0.0.0:28862->80/tcp');

  // Another place for the same port, and another port behind the same place.
  await publish(tcp(28860, 81), tcp(28862, 80, '127.0.0.1'));
  await expect(fetchFromHost(28860)).rejects.toThrow('ECONNREFUSED');
  expect(await fetchFromHost(28862)).toBe(name);
  expect(await fetchFromHost(28862, '::1').catch(() => 'refused')).toBe('refused');

  // One that cannot be had changes nothing.
  const taken = await listenOn(28863);
  await expect(publish(tcp(28860), tcp(28863))).rejects.toThrow('host port 28863/tcp is in use by');
  taken.close();
  expect(await fetchFromHost(28862)).toBe(name);
  expect((await runtime.containers.get('live-web-1')).network.ports.map(({ hostPort }) => hostPort)).toEqual([28860, 28860, 28862]);

  await publish();
  expect(await elements()).not.toContain('2886');
  await expect(fetchFromHost(28862)).rejects.toThrow('ECONNREFUSED');
  await publish(tcp(28860));
  expect(await fetchFromHost(28860)).toBe(name);
  await net.compose('down', '-t', '0');
});

test('no request is lost while another port of the container comes and goes', async () => {
  sandbox.write('compose.yaml', `services: {web: {${WEB}, ports: ["28864:80"]}}`);
  await net.compose('up', '-d');
  const runtime = await open();
  const name = await until('the port answers', () => fetchFromHost(28864));
  let failed = 0;
  const requests = (async () => {
    for (let i = 0; i < 200; i++) if ((await fetchFromHost(28864).catch(() => '')) !== name) failed++;
  })();
  for (let i = 0; i < 40; i++) await runtime.networks.publish('live-web-1', i % 2 === 0 ? [tcp(28865), tcp(28864)] : [tcp(28864)]);
  await requests;
  expect(failed).toBe(0);
  await net.compose('down', '-t', '0');
});

test('a thousand ports are published, by one open file each', async () => {
  sandbox.write('compose.yaml', `services: {web: {${WEB}, ports: ["30000-30999:30000-30999", "[::1]:31000:80"]}}`);
  await net.compose('up', '-d');
  const supervisor = supervisorOf(sandbox, await net.compose('ps', '-q'));
  expect(readdirSync(`/proc/${supervisor}/fd`).length).toBeLessThan(1060);
  // `tcp . 30999`, or `6 . 30999` where there is no /etc/protocols.
  expect(await elements()).toContain(' . 30999 : ');
  expect(await net.compose('ps', '--format', '{{.Ports}}')).toContain('0.0.0.0:30000-30999->30000-30999/tcp');
  const name = await until('the other port answers', () => fetchFromHost(31000, '::1'));
  expect(name).toHaveLength(12);
  await net.compose('down', '-t', '0');
  expect(await elements()).not.toContain('mydocker');
});

test('more ports than this process may have open files are refused before anything starts', async () => {
  sandbox.write('compose.yaml', `services: {web: {${WEB}, ports: ["30000-30999:1000-1999"]}}`);
  const limited = await run('sh', ['-c', `ulimit -n 1000; exec ${executables.compose} -p live up -d`], {
    cwd: sandbox.directory,
    env: sandbox.env,
  });
  expect(limited.status).toBe(1);
  expect(limited.stderr).toContain('services.web.ports: 1000 ports are more than the 744 that one container can publish here');
  expect(await net.compose('ps', '-q')).toBe('');
  // A soft limit alone is no obstacle.
  expectSuccess(
    await run('sh', ['-c', `ulimit -S -n 700; exec ${executables.compose} -p live up -d`], { cwd: sandbox.directory, env: sandbox.env }),
  );
  await net.compose('down', '-t', '0');
});

function listenOn(port: number): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer().listen(port, () => resolve(server));
    server.on('error', reject);
  });
}
