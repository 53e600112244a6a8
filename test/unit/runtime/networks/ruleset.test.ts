import { expect, test } from 'bun:test';
import { formatRuleset, networkElements, RULE_COUNT } from '../../../../src/runtime/networks/ruleset.ts';
import { formatPassage, passagesIn, passagesNeeded, type Chain, type Firewall } from '../../../../src/runtime/networks/firewall.ts';

const front = { bridge: 'md-front', internal: false, masquerade: true };
const back = { bridge: 'md-back', internal: true, masquerade: true };
const port = { protocol: 'tcp', hostIp: '*', hostPort: 8080, containerPort: 80, ipv4: '10.0.0.2', ipv6: '' };

test('the text fills sets and maps with what is recorded', () => {
  const ports = [
    port,
    { ...port, hostIp: '127.0.0.1', hostPort: 81 },
    { ...port, hostIp: '0.0.0.0', hostPort: 82, ipv6: 'fd00::2' },
    { ...port, hostIp: '::', hostPort: 83, protocol: 'udp', ipv6: 'fd00::2' },
    { ...port, hostIp: 'fd00::9', hostPort: 84, ipv6: 'fd00::2' },
  ];
  const text = formatRuleset('mydocker_1', [front, back, { ...front, bridge: 'br0', masquerade: false, hostIpv4: '192.0.2.1' }], ports);
  expect(text.split('\n').filter((line) => line.startsWith('add element'))).toEqual([
    'add element inet mydocker_1 bridges { "md-front", "md-back", "br0" }',
    'add element inet mydocker_1 internal { "md-back" }',
    'add element inet mydocker_1 hidden { "md-front" }',
    'add element inet mydocker_1 same { "md-front" . "md-front", "md-back" . "md-back", "br0" . "br0" }',
    'add element inet mydocker_1 source4 { "br0" : 192.0.2.1 }',
    'add element inet mydocker_1 at4 { 127.0.0.1 . tcp . 81 : 10.0.0.2 . 80 }',
    'add element inet mydocker_1 any4 { tcp . 8080 : 10.0.0.2 . 80, tcp . 82 : 10.0.0.2 . 80 }',
    'add element inet mydocker_1 at6 { fd00::9 . tcp . 84 : fd00::2 . 80 }',
    'add element inet mydocker_1 any6 { udp . 83 : fd00::2 . 80 }',
  ]);
});

test('a thousand networks and ports add elements, not rules', () => {
  const networks = Array.from({ length: 1000 }, (_, index) => ({ ...front, bridge: `md-${index}` }));
  const ports = networks.map((_, index) => ({ ...port, hostPort: 1000 + index }));
  const rules = formatRuleset('mydocker_1', networks, ports)
    .split('\n')
    .filter((line) => line.startsWith('add rule'));
  expect(rules).toHaveLength(RULE_COUNT);
  expect(rules.every((rule) => rule.endsWith('comment "mydocker_1"'))).toBe(true);
});

test('one more network is a few elements', () => {
  const key = Buffer.from('md-front'.padEnd(16, '\0')).toString('hex');
  expect(networkElements(front)).toEqual([`bridges ${key}`, `same ${key}${key}`, `hidden ${key}`]);
});

const chain = { family: 'ip', table: 'filter', chain: 'FORWARD', type: 'filter', hook: 2, drop: true };

test("a passage goes into Docker's chain for it, else into the chain that drops", () => {
  const user = { ...chain, chain: 'DOCKER-USER', type: '', hook: -1, drop: false };
  const open = { ...chain, family: 'ip6', drop: false };
  const ours = { ...chain, family: 'inet', table: 'mydocker_2', chain: 'forward' };
  const needed = (...chains: Chain[]) => passagesNeeded({ chains, marked: [], bridges: [] });
  expect(needed(chain, user, open, ours)).toEqual([{ chain: user, directions: ['iifname', 'oifname'] }]);
  expect(needed(chain, open)).toEqual([{ chain, directions: ['iifname', 'oifname'] }]);
});

test('firewalld rejects whatever its policy is, on the way to the host too', () => {
  const forward = { ...chain, family: 'inet', table: 'firewalld', chain: 'filter_FORWARD', drop: false };
  const input = { ...forward, chain: 'filter_INPUT', hook: 1 };
  const other = { ...chain, chain: 'INPUT', hook: 1 };
  expect(passagesNeeded({ chains: [forward, input, other], marked: [], bridges: [] })).toEqual([
    { chain: forward, directions: ['iifname', 'oifname'] },
    { chain: input, directions: ['iifname'] },
  ]);
});

test('of a passage only what is not there is added', () => {
  const mark = { family: 'ip', table: 'filter', chain: 'FORWARD', comment: 'mydocker_1 iifname md-*', handle: 7 };
  const firewall: Firewall = {
    chains: [chain],
    marked: [mark, { ...mark, comment: 'mydocker_2 oifname md-*' }, { ...mark, chain: 'INPUT', comment: 'mydocker_1 oifname md-*' }],
    bridges: [],
  };
  expect(passagesIn(firewall, chain, 'mydocker_1')).toEqual([mark]);
  const passage = { chain, directions: ['iifname', 'oifname'] } as const;
  expect(formatPassage(passage, firewall, 'mydocker_1', ['md-*'])).toBe(
    'insert rule ip filter FORWARD oifname "md-*" counter accept comment "mydocker_1 oifname md-*"\n',
  );
  expect(formatPassage(passage, firewall, 'mydocker_1', ['md-*', 'br-own']).split('\n')).toHaveLength(4);
});
