import { expect, test } from 'bun:test';
import { buildProgram } from '../helpers/build-program.ts';
import { ComposeNetwork, IDLE, WEB } from '../helpers/compose-network.ts';
import { supervisorOf } from '../helpers/supervisor-of.ts';
import { useSandbox } from '../helpers/sandbox.ts';
import { until } from '../helpers/until.ts';

const sandbox = useSandbox();
const net = new ComposeNetwork(sandbox);

test('five replicas are five addresses, in changing order', async () => {
  sandbox.write('compose.yaml', `services: {a: {${IDLE}}, b: {${IDLE}, scale: 5}}`);
  await net.compose('up', '-d');
  const own = await Promise.all([1, 2, 3, 4, 5].map(async (index) => (await net.own('b', index))[0] ?? ''));
  expect(await net.addresses('a', 'b')).toEqual(own.toSorted());
  const firsts = (await net.sh('a', 'for i in 1 2 3 4 5; do nslookup -type=a b | grep -m1 ^Address:.[0-9.]*$; done')).split('\n');
  expect(new Set(firsts).size).toBe(5);
  await net.compose('down', '-t', '0');
});

test('names have any case, a network behind them, an address back', async () => {
  sandbox.write('compose.yaml', `name: names\nservices: {a: {${IDLE}}, web: {${IDLE}, networks: {default: {aliases: [Shop]}}}}`);
  await net.compose('up', '-d');
  const [address = ''] = await net.own('web');
  for (const name of ['web', 'WEB', 'sHoP', 'names-web-1', 'web.names_default']) {
    expect(await net.addresses('a', name)).toEqual([address]);
  }
  expect(await net.sh('a', `nslookup ${address}`)).toContain('names-web-1.names_default');
  // The name is there, only not with an IPv6 address: not the answer for a name nobody has.
  expect(await net.sh('a', 'nslookup -type=aaaa web 2>&1')).not.toContain('NXDOMAIN');
  await net.compose('down', '-t', '0');
});

test('the names of a killed container are gone at once, and back when it is', async () => {
  sandbox.write('compose.yaml', `services: {a: {${IDLE}}, b: {${IDLE}}}`);
  await net.compose('up', '-d');
  const before = await net.addresses('a', 'b');
  expect(before).toHaveLength(1);
  await net.compose('kill', 'b');
  expect(await net.addresses('a', 'b')).toEqual([]);
  await net.compose('start', 'b');
  expect(await net.addresses('a', 'b')).toEqual(await net.own('b'));
  await net.compose('down', '-t', '0');
});

test('the names of a container whose supervisor was killed are gone at once', async () => {
  sandbox.write('compose.yaml', `services: {a: {${IDLE}}, b: {${IDLE}}}`);
  await net.compose('up', '-d');
  expect(await net.addresses('a', 'b')).toHaveLength(1);
  process.kill(supervisorOf(sandbox, await net.compose('ps', '-q', 'b')), 'SIGKILL');
  await until('the name is gone', async () => (await net.addresses('a', 'b')).length === 0, 2000);
  await net.compose('up', '-d');
  expect(await net.addresses('a', 'b')).toEqual(await net.own('b'));
  await net.compose('down', '-t', '0');
});

test('an alias is known on its network alone', async () => {
  sandbox.write(
    'compose.yaml',
    `services:
  f: {${IDLE}, networks: [front]}
  k: {${IDLE}, networks: [back]}
  b: {${IDLE}, networks: {front: {aliases: [public]}, back: {aliases: [private]}}}
networks: {front: , back: }`,
  );
  await net.compose('up', '-d');
  expect(await net.addresses('f', 'public')).toHaveLength(1);
  expect(await net.addresses('f', 'private')).toEqual([]);
  expect(await net.addresses('k', 'private')).toHaveLength(1);
  expect(await net.addresses('k', 'public')).toEqual([]);
  await net.compose('down', '-t', '0');
});

test('a container may serve port 53 itself and still ask for names', async () => {
  await buildProgram('udp-echo', sandbox.directory);
  sandbox.write(
    'compose.yaml',
    `services: {a: {${IDLE}}, dns: {image: busybox, command: [/udp-echo, "53"], volumes: ["./udp-echo:/udp-echo"]}}`,
  );
  await net.compose('up', '-d');
  await until('port 53 is bound', () => net.succeeds('dns', "netstat -lun | grep -q '0.0.0.0:53 '"));
  expect(await net.addresses('dns', 'a')).toEqual(await net.own('a'));
  await net.compose('down', '-t', '0');
});

test('a name that nobody has fails fast, and nothing of an internal network is asked outside', async () => {
  sandbox.write('compose.yaml', `services: {a: {${IDLE}, dns: [203.0.113.1], networks: [n]}}\nnetworks: {n: {internal: true}}`);
  await net.compose('up', '-d');
  const started = performance.now();
  expect(await net.sh('a', 'nslookup nobody.example 2>&1 || true')).toContain('NXDOMAIN');
  expect(performance.now() - started).toBeLessThan(1000);
  await net.compose('down', '-t', '0');
});

test('links and extra hosts are further names', async () => {
  sandbox.write(
    'compose.yaml',
    `services:
  a: {${IDLE}, links: ["web:shop"], extra_hosts: ["db:10.1.2.3", "host.internal:host-gateway"]}
  web: {${WEB}}`,
  );
  await net.compose('up', '-d');
  expect(await net.addresses('a', 'shop')).toEqual(await net.own('web'));
  await until('the web server answers', () => net.reaches('a', 'shop'));
  const hosts = await net.sh('a', 'cat /etc/hosts');
  expect(hosts).toContain('10.1.2.3\tdb');
  const gateway = /default via (\S+)/.exec(await net.sh('a', 'ip route'))?.[1] ?? 'none';
  expect(hosts).toContain(`${gateway}\thost.internal`);
  await net.compose('down', '-t', '0');
});

test('what a person changed in /etc/hosts and /etc/resolv.conf outlives a restart', async () => {
  sandbox.write('compose.yaml', `services: {a: {${IDLE}}}`);
  await net.compose('up', '-d');
  await net.sh('a', "echo '10.9.9.9 mine' >> /etc/hosts; echo 'options attempts:1' >> /etc/resolv.conf");
  await net.compose('restart', '-t', '0');
  expect(await net.sh('a', 'cat /etc/hosts')).toContain('10.9.9.9 mine');
  expect(await net.sh('a', 'cat /etc/resolv.conf')).toContain('attempts:1');
  const [own = 'none'] = await net.own('a');
  expect(await net.sh('a', 'cat /etc/hosts')).toContain(own);
  await net.compose('down', '-t', '0');
});
