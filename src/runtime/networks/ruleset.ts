/** What the table needs to know of a network. */
export interface RulesetNetwork {
  readonly bridge: string;
  readonly internal: boolean;
  readonly masquerade: boolean;
  /** Its containers do not reach each other. */
  readonly apart?: boolean;
  /** Source address of what leaves the host, instead of the interface's. */
  readonly hostIpv4?: string;
}

export interface RulesetPort {
  readonly protocol: string;
  /** `*` is every address. */
  readonly hostIp: string;
  readonly hostPort: number;
  readonly containerPort: number;
  /** The container's addresses; empty when it has none. */
  readonly ipv4: string;
  readonly ipv6: string;
}

const NAME = 'type ifname;';
const SETS = [
  `set bridges { ${NAME} }`,
  `set internal { ${NAME} }`,
  `set hidden { ${NAME} }`,
  `set apart { ${NAME} }`,
  'set same { type ifname . ifname; }',
  'map source4 { type ifname : ipv4_addr; }',
  'map at4 { type ipv4_addr . inet_proto . inet_service : ipv4_addr . inet_service; }',
  'map any4 { type inet_proto . inet_service : ipv4_addr . inet_service; }',
  'map at6 { type ipv6_addr . inet_proto . inet_service : ipv6_addr . inet_service; }',
  'map any6 { type inet_proto . inet_service : ipv6_addr . inet_service; }',
];

const PUBLISHED = 'fib daddr type local meta l4proto { tcp, udp, sctp } jump publish';

/**
 * `raw` guards the host's loopback, which route_localnet would open to containers. What comes for 127.0.0.1 from
 * outside is left alone. What a network without icc asks of the host is not translated but relayed by the supervisor:
 * where bridged packets are filtered, a translated one would go from one isolated port of the bridge to another. `same` holds each bridge with itself: traffic that stays on one network.
 */
const CHAINS: readonly { readonly name: string; readonly hook: string; readonly rules: readonly string[] }[] = [
  {
    name: 'publish',
    hook: '',
    rules: [
      'dnat ip to ip daddr . meta l4proto . th dport map @at4',
      'dnat ip to meta l4proto . th dport map @any4',
      'dnat ip6 to ip6 daddr . meta l4proto . th dport map @at6',
      'dnat ip6 to meta l4proto . th dport map @any6',
    ],
  },
  {
    name: 'raw',
    hook: 'type filter hook prerouting priority raw; policy accept;',
    rules: ['iifname @bridges ip daddr 127.0.0.0/8 drop'],
  },
  {
    name: 'prerouting',
    hook: 'type nat hook prerouting priority dstnat; policy accept;',
    rules: ['iifname != "lo" ip daddr 127.0.0.0/8 return', 'iifname @apart return', PUBLISHED],
  },
  {
    name: 'output',
    hook: 'type nat hook output priority -100; policy accept;',
    rules: ['ip6 daddr ::1 return', PUBLISHED],
  },
  {
    name: 'forward',
    hook: 'type filter hook forward priority filter; policy accept;',
    rules: [
      'ct state established,related accept',
      'iifname . oifname @same accept',
      'oifname @internal drop',
      'iifname @internal drop',
      'oifname @bridges ct status dnat accept',
      'oifname @bridges drop',
    ],
  },
  {
    name: 'postrouting',
    hook: 'type nat hook postrouting priority srcnat; policy accept;',
    rules: [
      'ip saddr 127.0.0.0/8 oifname @bridges masquerade',
      'iifname . oifname @same ct status dnat masquerade',
      // Where bridged packets pass here too (br_netfilter), one that was turned around has no input interface.
      'iif 0 oifname @bridges ct status dnat fib saddr type != local masquerade',
      'iifname . oifname @same return',
      'snat ip to iifname map @source4',
      'iifname @hidden masquerade',
    ],
  },
];

/** How many rules a whole table has: each carries the table's name as its comment. */
export const RULE_COUNT = CHAINS.reduce((count, { rules }) => count + rules.length, 0);

/**
 * The text for `nft -f -` that makes the table, or makes it whole again: rules are written anew, elements are added.
 * One transaction; running it twice changes nothing.
 */
export function formatRuleset(table: string, networks: readonly RulesetNetwork[], ports: readonly RulesetPort[]): string {
  const lines = [`table inet ${table} {`];
  for (const set of SETS) lines.push(`  ${set}`);
  for (const { name, hook } of CHAINS) lines.push(hook === '' ? `  chain ${name} { }` : `  chain ${name} { ${hook} }`);
  lines.push('}');
  for (const { name, rules } of CHAINS) {
    lines.push(`flush chain inet ${table} ${name}`);
    for (const rule of rules) lines.push(`add rule inet ${table} ${name} ${rule} comment "${table}"`);
  }
  for (const [set, elements] of elementsOf(networks, ports)) {
    if (elements.length > 0) lines.push(`add element inet ${table} ${set} { ${elements.join(', ')} }`);
  }
  return `${lines.join('\n')}\n`;
}

function elementsOf(networks: readonly RulesetNetwork[], ports: readonly RulesetPort[]): readonly (readonly [string, readonly string[]])[] {
  const bridges = (filter: (network: RulesetNetwork) => boolean) => networks.filter(filter).map(({ bridge }) => `"${bridge}"`);
  const mapped = (host: 'at' | 'any', family: 4 | 6) =>
    ports.filter((port) => isMapped(port, host, family)).map((port) => portElement(port, host, family));
  return [
    ['bridges', bridges(() => true)],
    ['internal', bridges(({ internal }) => internal)],
    ['hidden', bridges(({ internal, masquerade }) => masquerade && !internal)],
    ['apart', bridges(({ apart = false }) => apart)],
    ['same', networks.map(({ bridge }) => `"${bridge}" . "${bridge}"`)],
    ['source4', networks.flatMap(({ bridge, hostIpv4 }) => (hostIpv4 === undefined ? [] : [`"${bridge}" : ${hostIpv4}`]))],
    ['at4', mapped('at', 4)],
    ['any4', mapped('any', 4)],
    ['at6', mapped('at', 6)],
    ['any6', mapped('any', 6)],
  ];
}

function isMapped(port: RulesetPort, host: 'at' | 'any', family: 4 | 6): boolean {
  if (['*', '0.0.0.0', '::'].includes(port.hostIp) !== (host === 'any')) return false;
  if (port.hostIp !== '*' && port.hostIp.includes(':') !== (family === 6)) return false;
  return (family === 4 ? port.ipv4 : port.ipv6) !== '';
}

function portElement(port: RulesetPort, host: 'at' | 'any', family: 4 | 6): string {
  const key = `${port.protocol} . ${port.hostPort}`;
  return `${host === 'at' ? `${port.hostIp} . ` : ''}${key} : ${family === 4 ? port.ipv4 : port.ipv6} . ${port.containerPort}`;
}

/** The table's element for one more network, `SET KEYHEX [DATAHEX]` for the core. */
export function networkElements(network: RulesetNetwork): readonly string[] {
  const name = Buffer.alloc(16);
  name.write(network.bridge, 'latin1');
  const key = name.toString('hex');
  const elements = [`bridges ${key}`, `same ${key}${key}`];
  if (network.internal) elements.push(`internal ${key}`);
  if (network.masquerade && !network.internal) elements.push(`hidden ${key}`);
  if (network.apart === true) elements.push(`apart ${key}`);
  if (network.hostIpv4 !== undefined) {
    elements.push(`source4 ${key} ${Buffer.from(network.hostIpv4.split('.').map(Number)).toString('hex')}`);
  }
  return elements;
}
