import { beforeAll, expect, test } from 'bun:test';
import { ComposeNetwork, IDLE, WEB } from '../helpers/compose-network.ts';
import { rootfsTar } from '../helpers/rootfs-tar.ts';
import { useSandbox } from '../helpers/sandbox.ts';
import { HOST, LAN, TestHost } from '../helpers/test-host.ts';
import { until } from '../helpers/until.ts';

const sandbox = useSandbox();
const net = new ComposeNetwork(sandbox, 'wall');
// The real programs, run in containers that share the network of the test's host.
const images = {
  'ufw:debian': await rootfsTar('ufw', ['ufw', 'iptables', 'python3']),
  'firewalld:debian': await rootfsTar('firewalld', ['firewalld', 'iptables', 'dbus', 'libaudit1', 'libcap-ng0', 'netbase']),
};

beforeAll(async () => {
  for (const [image, tar] of Object.entries(images)) await sandbox.mydocker(['import', tar, image]);
});

const ON_HOST = ['--privileged', '--network', 'host'];
/** What the packages' install scripts do. */
const LINKS =
  'cd /usr/sbin; for n in iptables iptables-restore iptables-save ip6tables ip6tables-restore; do ln -sf xtables-nft-multi $n; done';
const UFW = `${LINKS}; cp -n /usr/share/ufw/*.rules /usr/share/ufw/ufw.conf /etc/ufw/; sed -i s/ENABLED=no/ENABLED=yes/ /etc/ufw/ufw.conf`;
const BUS = `<busconfig><type>system</type><listen>unix:path=/run/dbus/system_bus_socket</listen><auth>EXTERNAL</auth>
<policy context="default"><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/><allow send_type="method_call"/></policy></busconfig>`;
const FIREWALLD = `mkdir -p /run/dbus /var/log; dbus-daemon --config-file=/bus.conf --fork && exec firewalld --nofork --nopid`;

function onHost(image: string, script: string): Promise<string> {
  return sandbox.mydocker(['run', '--rm', ...ON_HOST, image, 'sh', '-c', script]);
}

async function startFirewalld(): Promise<void> {
  const bus = sandbox.write('bus.conf', BUS);
  await sandbox.mydocker([
    'run',
    '-d',
    '--name',
    'firewalld',
    ...ON_HOST,
    '-v',
    `${bus}:/bus.conf:ro`,
    'firewalld:debian',
    'sh',
    '-c',
    FIREWALLD,
  ]);
  await until('firewalld is up', async () => (await firewallCommand('--state').catch(() => '')) === 'running');
}

function firewallCommand(...args: readonly string[]): Promise<string> {
  return sandbox.mydocker(['exec', 'firewalld', 'firewall-cmd', ...args]);
}

/** `web` publishes, `far` is on another network, and both networks have IPv6. */
async function startServices(): Promise<void> {
  sandbox.write(
    'compose.yaml',
    `services: {web: {${WEB}, ports: ["8080:80"]}, near: {${IDLE}}, far: {${IDLE}, networks: [other]}}
networks: {default: {enable_ipv6: true}, other: {enable_ipv6: true}}`,
  );
  await net.compose('up', '-d');
  await until('the web server answers a neighbour', () => net.reaches('near', 'web'));
}

/** Everything that a person may want of the services, as seen from everywhere. */
async function expectAllWays(host: TestHost): Promise<void> {
  const name = await net.sh('web', 'hostname');
  const asked = async (address: string): Promise<string> =>
    (await host.run('timeout', ['3', 'busybox', 'wget', '-q', '-O', '-', `http://${address}/`])).trim();
  for (const address of ['127.0.0.1:8080', '[::1]:8080', `${HOST.v4}:8080`])
    expect([address, await asked(address)]).toEqual([address, name]);
  for (const address of [`${HOST.v4}:8080`, `[${HOST.v6}]:8080`]) {
    expect(['from the wire', address, await host.fetchFromLan(address)]).toEqual(['from the wire', address, name]);
    expect(['through the host', address, await net.fetch('far', address)]).toEqual(['through the host', address, name]);
  }
  expect(['itself', await net.fetch('web', `${HOST.v4}:8080`)]).toEqual(['itself', name]);
  expect(await net.addresses('near', 'web')).toEqual(await net.own('web'));
  for (const address of [LAN.v4, `[${LAN.v6}]`]) {
    expect([address, await net.succeeds('far', `timeout 3 wget -q -O - http://${address}:9000/ 2>&1 | grep -q 404`)]).toEqual([
      address,
      true,
    ]);
  }
  expect(await net.reaches('far', (await net.own('web'))[0] ?? '')).toBe(false);
}

test('beside ufw everything works, before and after it is reloaded, and nothing of ours stays in its chains', async () => {
  const host = await TestHost.open(sandbox);
  host.listenOnLan(9000);
  await onHost('ufw:debian', `${UFW}; ufw --force enable`);
  expect(await host.reachesFromLan(`${HOST.v4}:22`)).toBe(false);
  await startServices();
  await expectAllWays(host);
  await onHost('ufw:debian', `${UFW}; ufw reload`);
  await expectAllWays(host);
  expect((await sandbox.tryCompose(['doctor'])).stdout).toContain('chain ip filter FORWARD drops forwarded packets, and lets ours through');
  // The firewall's own programs can still read the chain.
  expect(await onHost('ufw:debian', `${LINKS}; iptables -S FORWARD`)).toContain('-A FORWARD -i md-+');
  await net.compose('down', '-t', '0');
  expect(await host.ruleset()).not.toContain('mydocker');
}, 120_000);

test('ufw that comes after us is told by doctor, and let through by the next start', async () => {
  const host = await TestHost.open(sandbox);
  host.listenOnLan(9000);
  await startServices();
  await onHost('ufw:debian', `${UFW}; ufw --force enable`);
  expect(await host.reachesFromLan(`${HOST.v4}:8080`)).toBe(false);
  expect((await sandbox.tryCompose(['doctor'])).stdout).toContain('chain ip filter FORWARD drops forwarded packets, ours too');
  await net.compose('restart', '-t', '0', 'near');
  await expectAllWays(host);
  await net.compose('down', '-t', '0');
}, 120_000);

test('beside firewalld everything works, and a reload takes away no published port', async () => {
  const host = await TestHost.open(sandbox);
  host.listenOnLan(9000);
  host.listenOnHost(9001);
  await startFirewalld();
  await startServices();
  await expectAllWays(host);
  // As from Docker's zone, containers reach what the host itself serves.
  expect(await net.succeeds('far', `timeout 3 wget -q -O - http://${HOST.v4}:9001/ 2>&1 | grep -q 404`)).toBe(true);
  expect(await host.reachesFromLan(`${HOST.v4}:9001`)).toBe(false);
  await firewallCommand('--reload');
  expect(await host.fetchFromLan(`${HOST.v4}:8080`)).toBe(await net.sh('web', 'hostname'));
  expect((await sandbox.tryCompose(['doctor'])).stdout).toContain('chain inet firewalld filter_FORWARD drops forwarded packets, ours too');
  await net.compose('restart', '-t', '0', 'near');
  await expectAllWays(host);
  await net.compose('down', '-t', '0');
  expect(await host.ruleset()).not.toContain('mydocker');
  await sandbox.mydocker(['rm', '-f', 'firewalld']);
}, 120_000);

test("beside Docker's chains everything works, with rules of ours in DOCKER-USER alone", async () => {
  const host = await TestHost.open(sandbox);
  host.listenOnLan(9000);
  for (const iptables of ['iptables', 'ip6tables']) await onHost('ufw:debian', `${LINKS}; ${docker(iptables)}`);
  await startServices();
  await expectAllWays(host);
  const rules = await onHost('ufw:debian', `${LINKS}; iptables -S`);
  expect(rules.match(/^-A \S+ .*md-\+/gm)).toEqual([
    expect.stringMatching(/^-A DOCKER-USER -o md-\+/),
    expect.stringMatching(/^-A DOCKER-USER -i md-\+/),
  ]);
  await net.compose('down', '-t', '0');
  expect(await host.ruleset()).not.toContain('mydocker');
}, 120_000);

/** The filter rules that Docker Engine 28 makes for its default bridge. */
function docker(iptables: string): string {
  const chains = [
    'DOCKER',
    'DOCKER-BRIDGE',
    'DOCKER-CT',
    'DOCKER-FORWARD',
    'DOCKER-ISOLATION-STAGE-1',
    'DOCKER-ISOLATION-STAGE-2',
    'DOCKER-USER',
  ];
  const rules = [
    'FORWARD -j DOCKER-USER',
    'FORWARD -j DOCKER-FORWARD',
    'DOCKER ! -i docker0 -o docker0 -j DROP',
    'DOCKER-BRIDGE -o docker0 -j DOCKER',
    'DOCKER-CT -o docker0 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT',
    'DOCKER-FORWARD -j DOCKER-CT',
    'DOCKER-FORWARD -j DOCKER-ISOLATION-STAGE-1',
    'DOCKER-FORWARD -j DOCKER-BRIDGE',
    'DOCKER-FORWARD -i docker0 -j ACCEPT',
    'DOCKER-ISOLATION-STAGE-1 -i docker0 ! -o docker0 -j DOCKER-ISOLATION-STAGE-2',
    'DOCKER-ISOLATION-STAGE-2 -o docker0 -j DROP',
  ];
  return [
    ...chains.map((chain) => `${iptables} -N ${chain}`),
    ...rules.map((rule) => `${iptables} -A ${rule}`),
    `${iptables} -P FORWARD DROP`,
  ].join(' && ');
}
