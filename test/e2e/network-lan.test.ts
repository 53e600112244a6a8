import { expect, test } from 'bun:test';
import { ComposeNetwork, IDLE, WEB } from '../helpers/compose-network.ts';
import { useSandbox } from '../helpers/sandbox.ts';
import { HOST, LAN, TestHost } from '../helpers/test-host.ts';
import { until } from '../helpers/until.ts';

const sandbox = useSandbox();
const net = new ComposeNetwork(sandbox, 'lan');
/** As WEB, and tells who asks. */
const LOGGED = WEB.replace('httpd -f', 'httpd -f -v');

test('another machine reaches what is published, and is seen with its own address', async () => {
  const host = await TestHost.open(sandbox);
  sandbox.write('compose.yaml', `services: {web: {${LOGGED}, ports: ["8080:80"]}}\nnetworks: {default: {enable_ipv6: true}}`);
  await net.compose('up', '-d');
  const name = await until('the port answers', () => host.fetchFromLan(`${HOST.v4}:8080`));
  expect(await host.fetchFromLan(`${HOST.second}:8080`)).toBe(name);
  expect(await host.fetchFromLan(`[${HOST.v6}]:8080`)).toBe(name);
  const log = await net.compose('logs', '--no-log-prefix', 'web');
  expect(log).toContain(`[::ffff:${LAN.v4}]:`);
  expect(log).toContain(`[${LAN.v6}]:`);
  await net.compose('down', '-t', '0');
});

test('a port bound to one address of the host is not open on its others, nor on the wire when it is the loopback one', async () => {
  const host = await TestHost.open(sandbox);
  sandbox.write('compose.yaml', `services: {web: {${WEB}, ports: ["${HOST.v4}:8080:80", "127.0.0.1:8081:80", "[${HOST.v6}]:8082:80"]}}`);
  await net.compose('up', '-d');
  await until('the port answers', () => host.fetchFromLan(`${HOST.v4}:8080`));
  expect(await host.fetchFromLan(`[${HOST.v6}]:8082`)).toHaveLength(12);
  for (const closed of [`${HOST.second}:8080`, `[${HOST.v6}]:8080`, `${HOST.v4}:8081`, `${HOST.v4}:8082`]) {
    expect([closed, await host.reachesFromLan(closed)]).toEqual([closed, false]);
  }
  // Nor by a route to the host's loopback.
  await host.onLan('ip', ['route', 'add', '127.0.0.0/8', 'via', HOST.v4, 'dev', 'eth0', 'table', 'local']).catch(() => undefined);
  const [address = ''] = await net.own('web');
  await host.onLan('ip', ['route', 'add', `${address}/32`, 'via', HOST.v4]);
  expect(await host.reachesFromLan(`${address}:80`)).toBe(false);
  await net.compose('down', '-t', '0');
});

test('containers reach other machines with an address of the host, and an internal network does not', async () => {
  const host = await TestHost.open(sandbox);
  const server = host.listenOnLan(9000);
  sandbox.write(
    'compose.yaml',
    `services: {a: {${IDLE}}, six: {${IDLE}, networks: [six]}, plain: {${IDLE}, networks: [plain]}, inside: {${IDLE}, networks: [inside]}}
networks:
  six: {enable_ipv4: false, enable_ipv6: true}
  plain: {driver_opts: {com.docker.network.host_ipv4: ${HOST.second}}}
  inside: {internal: true}`,
  );
  await net.compose('up', '-d');
  const asks = async (service: string, address: string): Promise<string> => {
    const before = server.log().length;
    await net.succeeds(service, `timeout 3 wget -q -O /dev/null http://${address}:9000/`);
    return server.log().slice(before);
  };
  expect(await asks('a', LAN.v4)).toContain(`[::ffff:${HOST.v4}]:`);
  expect(await asks('six', `[${LAN.v6}]`)).toContain(`[${HOST.v6}]:`);
  expect(await asks('plain', LAN.v4)).toContain(`[::ffff:${HOST.second}]:`);
  expect(await asks('inside', LAN.v4)).toBe('');
  await net.compose('down', '-t', '0');
});

test('forwarding that is off is switched on, and a setting that cannot be changed is named', async () => {
  const host = await TestHost.open(sandbox);
  await host.run('sh', ['-c', 'echo 0 > /proc/sys/net/ipv4/ip_forward; echo 0 > /proc/sys/net/ipv6/conf/all/forwarding']);
  sandbox.write('compose.yaml', `services: {a: {${IDLE}}}\nnetworks: {default: {enable_ipv6: true}}`);
  const readOnly = [...host.prefix(), 'unshare', '--mount', 'sh', '-c', 'mount -o bind,ro /proc/sys /proc/sys && exec "$@"', 'sh'];
  sandbox.within(readOnly);
  const refused = await sandbox.tryCompose(['-p', 'lan', 'up', '-d']);
  expect(refused.status).toBe(1);
  expect(refused.stderr).toContain('IP forwarding is off and cannot be switched on (net.ipv4.ip_forward)');
  expect(refused.stderr).toContain('sysctl -w net.ipv4.ip_forward=1');
  expect((await sandbox.tryCompose(['doctor'])).stdout).toContain('net.ipv4.ip_forward is 0: containers do not reach the outside');
  sandbox.within(host.prefix());
  await net.compose('up', '-d');
  expect(await host.run('cat', ['/proc/sys/net/ipv4/ip_forward', '/proc/sys/net/ipv6/conf/all/forwarding'])).toBe('1\n1\n');
  await net.compose('down', '-t', '0');
});
