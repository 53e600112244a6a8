import { expect, test } from 'bun:test';
import { ComposeNetwork, IDLE, WEB } from '../helpers/compose-network.ts';
import { useSandbox } from '../helpers/sandbox.ts';
import { HOST, TestHost } from '../helpers/test-host.ts';
import { until } from '../helpers/until.ts';

const sandbox = useSandbox();
const net = new ComposeNetwork(sandbox);

test('two projects do not reach each other', async () => {
  const [one, two] = [new ComposeNetwork(sandbox, 'one'), new ComposeNetwork(sandbox, 'two')];
  sandbox.write('compose.yaml', `services: {web: {${WEB}}}`);
  await Promise.all([one.compose('up', '-d'), two.compose('up', '-d')]);
  const [address = ''] = await two.own('web');
  await until('its own web server answers', () => two.reaches('web', address));
  expect(await one.reaches('web', address)).toBe(false);
  expect(await one.addresses('web', 'two-web-1')).toEqual([]);
  await Promise.all([one.compose('down', '-t', '0'), two.compose('down', '-t', '0')]);
});

test('a service on two networks is reached from both, and joins them not', async () => {
  sandbox.write(
    'compose.yaml',
    `services:
  front: {${WEB}, networks: [f]}
  both: {${WEB}, networks: [f, b]}
  back: {${WEB}, networks: [b]}
networks: {f: , b: }`,
  );
  await net.compose('up', '-d');
  await until('from the front', () => net.reaches('front', 'both'));
  await until('from the back', () => net.reaches('back', 'both'));
  expect(await net.reaches('front', (await net.own('back'))[0] ?? '')).toBe(false);
  await net.compose('down', '-t', '0');
});

test('an internal network has no way out', async () => {
  sandbox.write('compose.yaml', `services: {a: {${WEB}, networks: [n]}, b: {${IDLE}, networks: [n]}}\nnetworks: {n: {internal: true}}`);
  await net.compose('up', '-d');
  await until('its containers reach each other', () => net.reaches('b', 'a'));
  expect(await net.sh('a', 'ip route')).not.toContain('default');
  await net.compose('down', '-t', '0');
});

test('without icc the containers of a network do not reach each other', async () => {
  sandbox.write(
    'compose.yaml',
    `services: {a: {${WEB}, ports: ["28820:80"]}, b: {${IDLE}}}
networks: {default: {driver_opts: {com.docker.network.bridge.enable_icc: "false"}}}`,
  );
  await net.compose('up', '-d');
  await until('the web server answers itself', () => net.reaches('a', 'localhost'));
  expect(await net.reaches('b', (await net.own('a'))[0] ?? '')).toBe(false);
  await net.compose('down', '-t', '0');
});

test.each(['0', '1'])('isolation holds with bridged packets filtered or not (bridge-nf-call-iptables %s)', async (setting) => {
  const host = await TestHost.open(sandbox);
  // Without the module nothing is filtered, as with 0.
  await host.run('sh', [
    '-c',
    `cd /proc/sys/net/bridge 2>/dev/null || exit 0; echo ${setting} > bridge-nf-call-iptables; echo ${setting} > bridge-nf-call-ip6tables`,
  ]);
  sandbox.write(
    'compose.yaml',
    `services:
  a: {${WEB}, ports: ["8080:80"], networks: [apart]}
  b: {${IDLE}, networks: [apart]}
  c: {${WEB}, networks: [other]}
  d: {${IDLE}, networks: [other]}
networks: {apart: {driver_opts: {com.docker.network.bridge.enable_icc: "false"}}, other: }`,
  );
  await net.compose('up', '-d');
  await until('neighbours reach each other', () => net.reaches('d', 'c'));
  await until('the port answers from another network', () => net.reaches('d', `${HOST.v4}:8080`));
  expect(await net.reaches('a', `${HOST.v4}:8080`)).toBe(true);
  const [a = ''] = await net.own('a');
  expect([await net.reaches('b', a), await net.reaches('d', a)]).toEqual([false, false]);
  expect(await net.reaches('b', (await net.own('c'))[0] ?? '')).toBe(false);
  await net.compose('down', '-t', '0');
});

test('addresses, names and sizes are as asked for', async () => {
  sandbox.write(
    'compose.yaml',
    `services:
  a:
    ${IDLE.replaceAll(', ', '\n    ')}
    networks: {n: {ipv4_address: 10.213.7.200, ipv6_address: "fd00:213::200", mac_address: "02:42:00:00:13:07", interface_name: lan0, link_local_ips: [169.254.8.8]}}
    sysctls: {net.ipv4.ip_default_ttl: 99}
networks:
  n:
    enable_ipv6: true
    driver_opts: {com.docker.network.driver.mtu: 1400}
    ipam: {config: [{subnet: 10.213.7.0/24, gateway: 10.213.7.254}, {subnet: "fd00:213::/64"}]}`,
  );
  await net.compose('up', '-d');
  const interfaces = await net.sh('a', 'ip addr show lan0');
  for (const wanted of ['inet 10.213.7.200/24', 'inet 169.254.8.8/16', 'inet6 fd00:213::200/64', '02:42:00:00:13:07', 'mtu 1400']) {
    expect(interfaces).toContain(wanted);
  }
  expect(await net.sh('a', 'ip route; ip -6 route')).toContain('default via 10.213.7.254 dev lan0');
  expect(await net.sh('a', 'cat /proc/sys/net/ipv4/ip_default_ttl')).toBe('99');
  await net.compose('down', '-t', '0');
});

test('IPv6: names, neighbours and published ports', async () => {
  sandbox.write('compose.yaml', `services: {web: {${WEB}, ports: ["28830:80"]}, a: {${IDLE}}}\nnetworks: {default: {enable_ipv6: true}}`);
  await net.compose('up', '-d');
  const [address = ''] = await net.addresses('a', 'web', 'aaaa');
  expect(address).toStartWith('fd');
  expect(await net.succeeds('a', `ping -6 -c 1 -W 2 ${address}`)).toBe(true);
  await until('by name', () => net.reaches('a', `[${address}]`));
  const gateway = /default via (\S+)/.exec(await net.sh('a', 'ip -6 route'))?.[1] ?? 'none';
  await until('through the host', () => net.reaches('a', `[${gateway}]:28830`));
  await net.compose('down', '-t', '0');
});

test('a running container joins a network and leaves it', async () => {
  sandbox.write('compose.yaml', `name: joins\nservices: {a: {${IDLE}, networks: [f]}, web: {${WEB}, networks: [b]}}\nnetworks: {f: , b: }`);
  await net.compose('up', '-d');
  expect(await net.addresses('a', 'web')).toEqual([]);
  await sandbox.mydocker(['network', 'connect', '--alias', 'guest', 'joins_b', 'joins-a-1']);
  await until('the new neighbour answers', () => net.reaches('a', 'web'));
  expect(await net.addresses('web', 'guest')).toHaveLength(1);
  await sandbox.mydocker(['network', 'disconnect', 'joins_b', 'joins-a-1']);
  expect(await net.addresses('a', 'web')).toEqual([]);
  expect(await net.addresses('web', 'guest')).toEqual([]);
  await net.compose('down', '-t', '0');
});

test('a side-car shares the network, and follows when its base is made anew', async () => {
  sandbox.write('compose.yaml', `services: {base: {${WEB}, environment: {V: "\${V:-1}"}}, side: {${IDLE}, network_mode: "service:base"}}`);
  await net.compose('up', '-d');
  const namespaceOf = (service: string) => net.sh(service, 'readlink /proc/self/ns/net');
  expect(await namespaceOf('side')).toBe(await namespaceOf('base'));
  await until('the base answers on localhost', () => net.reaches('side', 'localhost'));
  await sandbox.compose(['up', '-d'], { env: { V: '2' } });
  expect(await namespaceOf('side')).toBe(await namespaceOf('base'));
  await net.compose('down', '-t', '0');
});

test('a container joins the network of another by name, with its names and files', async () => {
  await sandbox.mydocker(['run', '-d', '--name', 'base', '--hostname', 'base-host', 'busybox', 'sleep', '1d']);
  const hosts = await sandbox.mydocker(['exec', 'base', 'cat', '/etc/hosts']);
  expect(await sandbox.mydocker(['run', '--rm', '--network', 'container:base', 'busybox', 'cat', '/etc/hosts'])).toBe(hosts);
  const addresses = ['ip', '-4', '-o', 'addr', 'show', 'eth0'];
  const own = await sandbox.mydocker(['exec', 'base', ...addresses]);
  expect(await sandbox.mydocker(['run', '--rm', '--network', 'container:base', 'busybox', ...addresses])).toBe(own);
});
