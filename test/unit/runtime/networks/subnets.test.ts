import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { MydockerError } from '../../../../src/errors.ts';
import type { NetworkDraft, NetworkRecord } from '../../../../src/model/runtime.ts';
import { freeAddresses, homeAddress, macOf, staticAddress } from '../../../../src/runtime/networks/choose-address.ts';
import { parseResolver } from '../../../../src/runtime/networks/host-network.ts';
import { checkDraft, completePools } from '../../../../src/runtime/networks/network-draft.ts';
import { chooseSubnet, parsePools } from '../../../../src/runtime/networks/subnet-pools.ts';
import { formatCidr, overlaps, parseCidr, type Cidr } from '../../../../src/util/ip.ts';

const ula: Cidr = { family: 6, base: 0xfdn << 120n, prefix: 48 };
const cidrs = (...texts: string[]): Cidr[] => texts.flatMap((text) => parseCidr(text) ?? []);
const pools = parsePools(undefined, ula);

function network(ipam: NetworkRecord['ipam']): NetworkRecord {
  const flags = { internal: false, attachable: false, enableIpv4: true, enableIpv6: true };
  return { id: 'a'.repeat(64), name: 'net', driver: 'bridge', driverOpts: {}, labels: {}, ipam, created: '', ...flags };
}

test('subnets come from the pools in turn, past what is taken', () => {
  expect(formatCidr(chooseSubnet(pools, 4, []))).toBe('172.18.0.0/16');
  expect(formatCidr(chooseSubnet(pools, 4, cidrs('172.18.7.0/24', '172.19.0.0/16')))).toBe('172.20.0.0/16');
  expect(formatCidr(chooseSubnet(pools, 4, cidrs('172.16.0.0/12')))).toBe('192.168.0.0/20');
  expect(formatCidr(chooseSubnet(pools, 4, cidrs('172.16.0.0/12', '192.168.0.0/16')))).toBe('10.89.0.0/24');
  expect(formatCidr(chooseSubnet(pools, 6, cidrs('fd00::/64')))).toBe('fd00:0:0:1::/64');
});

test('hundreds of networks get ranges that do not overlap', () => {
  const taken: Cidr[] = [];
  for (let count = 0; count < 300; count++) taken.push(chooseSubnet(pools, 4, taken));
  expect(taken.some((a, index) => taken.slice(index + 1).some((b) => overlaps(a, b)))).toBe(false);
});

test('a chosen subnet never overlaps a taken one', () => {
  const range = fc.record({ value: fc.bigInt(0n, 0xffffffffn), prefix: fc.integer({ min: 8, max: 32 }) });
  fc.assert(
    fc.property(fc.array(range, { maxLength: 20 }), (ranges) => {
      const taken = ranges.map(({ value, prefix }): Cidr => {
        const rest = BigInt(32 - prefix);
        return { family: 4, base: (value >> rest) << rest, prefix };
      });
      try {
        const chosen = chooseSubnet(pools, 4, taken);
        return !taken.some((other) => overlaps(other, chosen));
      } catch (error) {
        return error instanceof MydockerError && error.code === 'host';
      }
    }),
  );
});

test('pools are configurable, and a wrong one is refused', () => {
  const own = parsePools('10.10.0.0/16=24, fd12::/48=64', ula);
  expect(formatCidr(chooseSubnet(own, 4, cidrs('10.10.0.0/24')))).toBe('10.10.1.0/24');
  expect(() => chooseSubnet(own, 4, cidrs('10.0.0.0/8'))).toThrow('no free IPv4 network is left');
  for (const wrong of ['10.10.0.0/16', '10.10.0.0/16=8', 'nonsense=24', '10.0.0.0/8=31']) {
    expect(() => parsePools(wrong, ula)).toThrow('address pool');
  }
});

test('a subnet is completed with its gateway, the first address that is free', () => {
  const draft: NetworkDraft = {
    name: 'net',
    ipam: [{ subnet: '10.1.2.3/24', ipRange: '10.1.2.128/25', auxAddresses: { router: '10.1.2.129' } }],
  };
  expect(completePools(draft, () => ula)).toEqual([
    { subnet: '10.1.2.0/24', ipRange: '10.1.2.128/25', gateway: '10.1.2.130', auxAddresses: { router: '10.1.2.129' } },
  ]);
});

test.each<[string, NetworkDraft]>([
  ['subnet "10.1.2" is not a CIDR', { name: 'net', ipam: [{ subnet: '10.1.2' }] }],
  ['ip_range 10.2.0.0/24 is not within subnet 10.1.0.0/16', { name: 'net', ipam: [{ subnet: '10.1.0.0/16', ipRange: '10.2.0.0/24' }] }],
  ['gateway 10.2.0.1 is not in subnet 10.1.0.0/16', { name: 'net', ipam: [{ subnet: '10.1.0.0/16', gateway: '10.2.0.1' }] }],
  ['ip_range and gateway need a subnet', { name: 'net', ipam: [{ gateway: '10.2.0.1' }] }],
])('%s', (message, draft) => {
  expect(() => completePools(draft, () => ula)).toThrow(message);
});

test.each<[string, string, NetworkDraft]>([
  ['unsupported', 'driver "overlay" is not supported', { name: 'net', driver: 'overlay' }],
  ['conflict', 'predefined', { name: 'host' }],
  ['invalid', 'invalid network name', { name: '-net' }],
  ['invalid', 'IPv4 or IPv6 must be enabled', { name: 'net', enableIpv4: false }],
])('a draft may be refused: %s, %s', (code, message, draft) => {
  expect(() => checkDraft(draft)).toThrow(expect.objectContaining({ code, message: expect.stringContaining(message) as string }));
});

test('addresses skip network, broadcast, gateway and auxiliary ones', () => {
  const net = network([{ subnet: '10.0.0.0/29', gateway: '10.0.0.1', auxAddresses: { x: '10.0.0.3' } }]);
  expect([...freeAddresses(net, 4, new Set(['10.0.0.4']))].map(({ address }) => address)).toEqual(['10.0.0.2', '10.0.0.5', '10.0.0.6']);
  const ranged = network([{ subnet: '10.0.0.0/24', ipRange: '10.0.0.252/30', gateway: '10.0.0.1' }]);
  expect([...freeAddresses(ranged, 4, new Set())].map(({ address }) => address)).toEqual(['10.0.0.252', '10.0.0.253', '10.0.0.254']);
});

test('in a chosen range an address goes with a name; in a range somebody asked for none does', () => {
  const chosen = network([
    { subnet: '172.18.0.0/16', gateway: '172.18.0.1', chosen: true },
    { subnet: 'fd00:1::/64', gateway: 'fd00:1::1', chosen: true },
  ]);
  const homes = Array.from({ length: 200 }, (_, index) => homeAddress(chosen, 4, `shop-web-${String(index)}`)?.address ?? '');
  expect(new Set(homes).size).toBeGreaterThan(190);
  expect(homes.filter((address) => !address.startsWith('172.18.'))).toEqual([]);
  expect(homeAddress(chosen, 4, 'shop-web-7')?.address).toBe(homes[7] ?? '');
  expect(homeAddress(chosen, 6, 'shop-web-7')?.address).toStartWith('fd00:1:');
  expect(homeAddress(network([{ subnet: '172.18.0.0/16', gateway: '172.18.0.1' }]), 4, 'shop-web-7')).toBeUndefined();
  const tiny = network([{ subnet: '10.0.0.0/30', gateway: '10.0.0.1', chosen: true }]);
  const places = Array.from({ length: 50 }, (_, index) => homeAddress(tiny, 4, `name-${String(index)}`)?.address);
  expect(new Set(places)).toEqual(new Set([undefined, '10.0.0.2']));
});

test('a static address must be in a subnet and must not be the gateway', () => {
  const net = network([{ subnet: '10.0.0.0/24', gateway: '10.0.0.1' }]);
  expect(staticAddress(net, 4, '10.0.0.9')).toEqual({ address: '10.0.0.9', prefix: 24, gateway: '10.0.0.1' });
  expect(() => staticAddress(net, 4, '10.0.1.9')).toThrow('address 10.0.1.9 is not in network net (10.0.0.0/24)');
  expect(() => staticAddress(net, 4, '10.0.0.1')).toThrow('is the gateway');
  expect(() => staticAddress(net, 4, 'fd00::1')).toThrow('is not an IPv4 address');
});

test('the MAC address follows from the address', () => {
  expect(macOf('172.18.0.2')).toBe('02:42:ac:12:00:02');
  expect(macOf('fd00::1:2')).toBe('02:42:00:01:00:02');
});

test('resolv.conf is read as resolv.conf(5) says', () => {
  const text = '# c\nnameserver 1.1.1.1\ndomain a.test\nsearch b.test c.test ; x\noptions ndots:2 edns0\nnameserver nonsense\n';
  expect(parseResolver(text)).toEqual({ nameservers: ['1.1.1.1'], search: ['b.test', 'c.test'], options: ['ndots:2', 'edns0'] });
});
