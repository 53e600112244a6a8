import { expect, test } from 'bun:test';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { ComposeNetwork, fetchFromHost, IDLE, WEB } from '../helpers/compose-network.ts';
import { expectSuccess, run } from '../helpers/run.ts';
import { useSandbox } from '../helpers/sandbox.ts';
import { supervisorOf } from '../helpers/supervisor-of.ts';
import { until } from '../helpers/until.ts';

const sandbox = useSandbox();
const net = new ComposeNetwork(sandbox);

async function nft(text: string): Promise<string> {
  return expectSuccess(await run('nft', ['-f', '-'], { input: text })).stdout;
}

async function ruleset(): Promise<string> {
  return expectSuccess(await run('nft', ['list', 'ruleset'])).stdout;
}

test('the table is made again after somebody flushed it', async () => {
  sandbox.write('compose.yaml', `services: {web: {${WEB}, ports: ["28840:80"]}, a: {${IDLE}, networks: [other]}}\nnetworks: {other: }`);
  await net.compose('up', '-d');
  const name = await until('the web server answers', () => fetchFromHost(28840));
  const before = await ruleset();
  await nft('flush ruleset');
  // Without the table the supervisor relays by itself.
  expect(await fetchFromHost(28840)).toBe(name);
  await net.compose('up', '-d', '--force-recreate', '-t', '0', 'a');
  const lines = (text: string) =>
    text
      .replace(/counter packets \d+ bytes \d+/g, 'counter')
      .split('\n')
      .toSorted();
  expect(lines(await ruleset())).toEqual(lines(before));
  expect(await fetchFromHost(28840)).toBe(name);
  await net.compose('down', '-t', '0');
});

test.each(['restart', 'start'])('%s of one service makes a flushed table again', async (verb) => {
  sandbox.write('compose.yaml', `services: {web: {${WEB}, ports: ["28843:80"]}, a: {${WEB}, ports: ["28844:80"]}}`);
  await net.compose('up', '-d');
  await until('both answer', async () => (await fetchFromHost(28843)) + (await fetchFromHost(28844)));
  const published = async (): Promise<readonly string[]> => (await ruleset()).match(/2884[34] : /g) ?? [];
  expect(await published()).toHaveLength(2);
  if (verb === 'start') await net.compose('stop', '-t', '0', 'web');
  await nft('flush ruleset');
  await net.compose(verb, 'web');
  expect(await published()).toHaveLength(2);
  await until('both answer again', async () => (await fetchFromHost(28843)) + (await fetchFromHost(28844)));
  await net.compose('down', '-t', '0');
});

test('beside a firewall that drops what it does not know, ports open and containers reach each other', async () => {
  await nft(
    'table ip filter { chain DOCKER-USER { return; }; chain FORWARD { type filter hook forward priority 0; policy drop; jump DOCKER-USER; }; }',
  );
  sandbox.write('compose.yaml', `services: {web: {${WEB}, ports: ["28841:80"]}, far: {${IDLE}, networks: [other]}}\nnetworks: {other: }`);
  await net.compose('up', '-d');
  await until('the web server answers', () => fetchFromHost(28841));
  const gateway = /default via (\S+)/.exec(await net.sh('far', 'ip route'))?.[1] ?? 'none';
  expect(await net.reaches('far', `${gateway}:28841`)).toBe(true);
  await net.compose('down', '-t', '0');
  expect(await ruleset()).not.toContain('mydocker');
  await nft('delete table ip filter');
});

test('the next command clears away what a killed supervisor left', async () => {
  sandbox.write('compose.yaml', `services: {web: {${WEB}, ports: ["28842:80"]}, a: {${IDLE}}}`);
  await net.compose('up', '-d');
  await until('the web server answers', () => fetchFromHost(28842));
  for (const id of (await net.compose('ps', '-q')).split('\n')) process.kill(supervisorOf(sandbox, id), 'SIGKILL');
  await net.compose('down', '-t', '0');
  expect(await ruleset()).not.toContain('mydocker');
  expect(readdirSync('/sys/class/net').filter((name) => /^(md-|mv)/.test(name))).toEqual([]);
  const root = join(sandbox.runRoot, 'network');
  expect(existsSync(root) ? readdirSync(root, { recursive: true }) : []).toEqual([]);
});

test('fifty projects that start at once get networks that do not overlap', async () => {
  sandbox.write('compose.yaml', `services: {a: {${IDLE}}}`);
  const projects = Array.from({ length: 50 }, (_, index) => new ComposeNetwork(sandbox, `p${index}`));
  await Promise.all(projects.map((project) => project.compose('create')));
  const subnets = await sandbox.mydocker(['network', 'inspect', '--format', 'json', ...projects.map((_, index) => `p${index}_default`)]);
  const found = [...subnets.matchAll(/"Subnet":"([^"]+)"/g)].map(([, subnet = '']) => subnet);
  expect(found).toHaveLength(50);
  expect(new Set(found).size).toBe(50);
  for (const project of projects) await project.compose('down', '-t', '0');
});

test('containers that come and go at once on the default network do not take it away from each other', async () => {
  const comeAndGo = async (): Promise<void> => {
    for (let round = 0; round < 20; round++) {
      await sandbox.mydocker(['run', '--rm', 'busybox', 'test', '-e', '/sys/class/net/eth0']);
    }
  };
  await Promise.all(Array.from({ length: 3 }, comeAndGo));
});
