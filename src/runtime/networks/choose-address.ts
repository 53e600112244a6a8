import { MydockerError } from '../../errors.ts';
import type { IpamPool, NetworkRecord } from '../../model/runtime.ts';
import { contains, formatAddress, lastOf, parseAddress, parseCidr, sizeOf, type Cidr, type Family } from '../../util/ip.ts';

/** The network's own ranges of one family. */
export function poolsOf(network: NetworkRecord, family: Family): readonly { readonly pool: IpamPool; readonly subnet: Cidr }[] {
  return network.ipam.flatMap((pool) => {
    const subnet = parseCidr(pool.subnet);
    return subnet?.family === family ? [{ pool, subnet }] : [];
  });
}

/** Addresses no container may get by itself: network, broadcast, gateway, auxiliary ones. */
function reservedIn(pool: IpamPool, subnet: Cidr): Set<bigint> {
  const reserved = new Set<bigint>([subnet.base]);
  if (subnet.family === 4 && subnet.prefix < 31) reserved.add(lastOf(subnet));
  for (const text of [pool.gateway ?? '', ...Object.values(pool.auxAddresses ?? {})]) {
    const address = parseAddress(text);
    if (address !== undefined) reserved.add(address.value);
  }
  return reserved;
}

/** Free addresses of the network in ascending order, `/prefix` of their subnet with each. */
export function* freeAddresses(network: NetworkRecord, family: Family, used: ReadonlySet<string>): Generator<ChosenAddress> {
  for (const { pool, subnet } of poolsOf(network, family)) {
    const range = parseCidr(pool.ipRange ?? '') ?? subnet;
    const reserved = reservedIn(pool, subnet);
    for (let value = range.base; value <= lastOf(range); value++) {
      if (reserved.has(value)) continue;
      const address = formatAddress({ family, value });
      if (!used.has(address)) yield { address, prefix: subnet.prefix, gateway: pool.gateway ?? '' };
    }
  }
}

/**
 * The address that goes with the container's name in a range of our choice: whatever starts before it, a container that is made anew comes back
 * to where others remember it. Undefined in a range that somebody chose, who may have fixed addresses in mind for others, and where the name
 * leads to a reserved address.
 */
export function homeAddress(network: NetworkRecord, family: Family, name: string): ChosenAddress | undefined {
  const home = poolsOf(network, family).find(({ pool }) => pool.chosen === true);
  if (home === undefined) return undefined;
  const { pool, subnet } = home;
  const value = subnet.base + (hashOf(name) % sizeOf(subnet));
  if (reservedIn(pool, subnet).has(value)) return undefined;
  return { address: formatAddress({ family, value }), prefix: subnet.prefix, gateway: pool.gateway ?? '' };
}

/** FNV-1a, 64 bits: spreads short names, and needs no module that takes long to load. */
function hashOf(text: string): bigint {
  const bytes = new TextEncoder().encode(text);
  return bytes.reduce((hash, byte) => BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n), 0xcbf29ce484222325n);
}

export interface ChosenAddress {
  readonly address: string;
  readonly prefix: number;
  /** Empty when the network has none. */
  readonly gateway: string;
}

/** The address somebody asked for, checked against the network. */
export function staticAddress(network: NetworkRecord, family: Family, wish: string): ChosenAddress {
  const address = parseAddress(wish);
  if (address?.family !== family) {
    throw new MydockerError('invalid', `${JSON.stringify(wish)} is not an IPv${family} address`, { resource: `network ${network.name}` });
  }
  const found = poolsOf(network, family).find(({ subnet }) => contains(subnet, address));
  if (found === undefined) {
    throw new MydockerError('invalid', `address ${wish} is not in network ${network.name} (${subnetsOf(network) || 'no subnet'})`, {
      hint: 'Give the network a subnet that holds the address (ipam.config), or another address.',
    });
  }
  const { subnet } = found;
  if (family === 4 && subnet.prefix < 31 && (address.value === subnet.base || address.value === lastOf(subnet))) {
    const what = address.value === subnet.base ? 'the address of network' : 'the broadcast address of network';
    throw new MydockerError('invalid', `address ${wish} is ${what} ${network.name} itself`, { hint: 'Choose another address.' });
  }
  if (formatAddress(address) === found.pool.gateway) {
    throw new MydockerError('conflict', `address ${wish} is the gateway of network ${network.name}`, { hint: 'Choose another address.' });
  }
  return { address: formatAddress(address), prefix: found.subnet.prefix, gateway: found.pool.gateway ?? '' };
}

function subnetsOf(network: NetworkRecord): string {
  return network.ipam.map(({ subnet }) => subnet).join(', ');
}

/** As Docker derives it: an address that comes back comes back with the same MAC, so nobody's ARP entry is wrong. */
export function macOf(address: string): string {
  const value = parseAddress(address)?.value ?? 0n;
  const bytes = [24n, 16n, 8n, 0n].map((shift) => ((value >> shift) & 0xffn).toString(16).padStart(2, '0'));
  return ['02', '42', ...bytes].join(':');
}
