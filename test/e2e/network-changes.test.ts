import { expect, test } from 'bun:test';
import { ComposeNetwork, fetchFromHost, IDLE, WEB } from '../helpers/compose-network.ts';
import { useSandbox } from '../helpers/sandbox.ts';
import { until } from '../helpers/until.ts';

const sandbox = useSandbox();
const net = new ComposeNetwork(sandbox, 'live');

interface Inspected {
  readonly NetworkSettings: { readonly Networks: Readonly<Record<string, { readonly DNSNames: readonly string[] }>> };
}

async function namesOf(container: string): Promise<readonly string[]> {
  const [found] = JSON.parse(await sandbox.mydocker(['inspect', container])) as [Inspected];
  return Object.values(found.NetworkSettings.Networks).flatMap(({ DNSNames }) => DNSNames);
}

test('a running container that is renamed is found by its new name at once, and no more by the old', async () => {
  sandbox.write('compose.yaml', `services: {a: {${IDLE}}, b: {${WEB}}}`);
  await net.compose('up', '-d');
  const own = await net.own('b');
  expect(await net.addresses('a', 'live-b-1')).toEqual(own);
  await sandbox.mydocker(['rename', 'live-b-1', 'other']);
  expect(await net.addresses('a', 'other')).toEqual(own);
  expect(await net.addresses('a', 'live-b-1')).toEqual([]);
  expect(await net.addresses('a', 'b')).toEqual(own);
  expect(await net.sh('a', `nslookup ${own[0] ?? ''}`)).toContain('other.live_default');
  const names = await namesOf('other');
  expect(names.slice(0, 2)).toEqual(['other', 'b']);
  expect(names).not.toContain('live-b-1');
  // The supervisor's own events have the new name too.
  await sandbox.mydocker(['kill', '-s', 'USR1', 'other']);
  const events = await sandbox.mydocker(['events', '--since', '1m', '--until', '0s', '--filter', 'event=kill', '--format', 'json']);
  expect(events).toContain('"name":"other"');
  await sandbox.mydocker(['restart', '-t', '0', 'other']);
  expect(await net.addresses('a', 'other')).toEqual(await net.own('b').catch(() => own));
  await net.compose('down', '-t', '0');
});

test('a network is joined with addresses, aliases and options of the endpoint', async () => {
  sandbox.write(
    'compose.yaml',
    `services: {a: {${IDLE}}, b: {${IDLE}, networks: [n]}}\nnetworks: {n: {enable_ipv6: true, ipam: {config: [{subnet: 10.214.3.0/24}, {subnet: "fd00:214::/64"}]}}}`,
  );
  await net.compose('up', '-d');
  const connect = [
    'network',
    'connect',
    '--alias',
    'guest',
    '--alias',
    'Visitor',
    '--ip',
    '10.214.3.77',
    '--ip6',
    'fd00:214::77',
    '--link-local-ip',
    '169.254.33.4',
  ];
  await sandbox.mydocker([
    ...connect,
    '--driver-opt',
    'com.docker.network.endpoint.sysctls=net.ipv4.conf.IFNAME.forwarding=1',
    'live_n',
    'live-a-1',
  ]);
  expect(await net.addresses('b', 'guest')).toEqual(['10.214.3.77']);
  expect(await net.addresses('b', 'visitor', 'aaaa')).toEqual(['fd00:214::77']);
  const shown = await net.sh('a', 'ip addr show eth1; cat /proc/sys/net/ipv4/conf/eth1/forwarding');
  for (const wanted of ['inet 10.214.3.77/24', 'inet6 fd00:214::77/64', 'inet 169.254.33.4/16']) expect(shown).toContain(wanted);
  expect(shown.split('\n').at(-1)).toBe('1');
  await net.sh('a', 'echo 192.0.2.9 mine >> /etc/hosts');
  const hosts = (): Promise<string> => net.sh('a', 'cat /etc/hosts');
  expect(await hosts()).toMatch(/^10\.214\.3\.77\t[0-9a-f]{12}\nfd00:214::77\t[0-9a-f]{12}$/m);
  const refused = await sandbox.tryMydocker(['network', 'connect', '--ip', '10.214.3.78', 'live_n', 'live-a-1']);
  expect(refused.stderr).toContain('container live-a-1 is on network live_n already');
  await sandbox.mydocker(['network', 'disconnect', 'live_n', 'live-a-1']);
  expect(await net.addresses('b', 'guest')).toEqual([]);
  expect(await hosts()).not.toContain('214');
  expect(await hosts()).toContain('192.0.2.9 mine');
  expect(await net.sh('a', 'ls /sys/class/net')).not.toContain('eth1');
  await net.compose('down', '-t', '0');
});

test('what a container publishes follows it to another network', async () => {
  sandbox.write('compose.yaml', `services: {web: {${WEB}, ports: ["28850:80"]}, a: {${IDLE}, networks: [n]}}\nnetworks: {n: }`);
  await net.compose('up', '-d');
  const name = await until('the port answers', () => fetchFromHost(28850));
  await sandbox.mydocker(['network', 'connect', 'live_n', 'live-web-1']);
  expect(await fetchFromHost(28850)).toBe(name);
  await sandbox.mydocker(['network', 'disconnect', 'live_default', 'live-web-1']);
  expect(await fetchFromHost(28850)).toBe(name);
  const gateway = /default via (\S+)/.exec(await net.sh('a', 'ip route'))?.[1] ?? 'none';
  expect(await net.reaches('a', `${gateway}:28850`)).toBe(true);
  await net.compose('down', '-t', '0');
});

test('a container that is made anew has its address again, whoever started meanwhile', async () => {
  const idle = 'image: busybox, init: true, command: sleep 1d';
  const addresses = async (): Promise<Readonly<Record<string, string>>> => {
    const format = '{{.Name}} {{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}';
    const ids = (await sandbox.compose(['ps', '-q'])).split('\n');
    return Object.fromEntries((await sandbox.mydocker(['inspect', '-f', format, ...ids])).split('\n').map((line) => line.split(' ')));
  };
  sandbox.write('compose.yaml', `name: demo\nservices: {a: {${idle}}, b: {${idle}}}\n`);
  await sandbox.compose(['up', '-d']);
  const first = await addresses();
  await sandbox.compose(['stop', '-t', '0', 'a']);
  sandbox.write('compose.yaml', `name: demo\nservices: {a: {${idle}, environment: {NEW: 1}}, b: {${idle}}, c: {${idle}}}\n`);
  await sandbox.compose(['up', '-d', 'c']);
  await sandbox.compose(['up', '-d']);
  expect(await addresses()).toMatchObject(first);
  await sandbox.compose(['restart', '-t', '0']);
  expect(await addresses()).toMatchObject(first);
  await sandbox.compose(['down', '-t', '0']);
});
