import { MydockerError } from '../../errors.ts';
import { bridgeOptions } from '../../model/bridge-options.ts';
import type { IpamPool, NetworkDraft } from '../../model/runtime.ts';
import { cidrOf, contains, formatAddress, formatCidr, lastOf, parseAddress, parseCidr, sizeOf, type Cidr } from '../../util/ip.ts';
import { isNetworkName, PREDEFINED } from './network-records.ts';

/** Checks what can be checked without looking at the host. */
export function checkDraft(draft: NetworkDraft): void {
  const resource = `network ${draft.name}`;
  if (!isNetworkName(draft.name)) {
    throw new MydockerError('invalid', `invalid network name ${JSON.stringify(draft.name)}: only [a-zA-Z0-9][a-zA-Z0-9_.-]* is allowed`);
  }
  if (PREDEFINED.has(draft.name)) {
    throw new MydockerError('conflict', `network ${draft.name} is predefined and cannot be made`, { hint: 'Choose another name.' });
  }
  const driver = draft.driver ?? 'bridge';
  if (driver === 'host' || driver === 'none' || driver === 'null') {
    throw new MydockerError('invalid', `only one network of driver ${driver} is possible, and it is there already`, {
      resource,
      hint: `Use network_mode: ${driver === 'null' ? 'none' : driver}, or the external network ${driver}.`,
    });
  }
  if (driver !== 'bridge' && driver !== 'default' && driver !== '') {
    throw new MydockerError('unsupported', `network driver ${JSON.stringify(driver)} is not supported`, {
      resource,
      hint: 'Use driver: bridge; host and none are there as network_mode.',
    });
  }
  if (draft.enableIpv4 === false && draft.enableIpv6 !== true) {
    throw new MydockerError('invalid', 'IPv4 or IPv6 must be enabled', { resource });
  }
  bridgeOptions({ id: '', name: draft.name, driverOpts: draft.driverOpts ?? {} });
}

/** The pools with what is known completed: gateway, canonical spelling. `choose` gives a subnet where none is asked for. */
export function completePools(draft: NetworkDraft, choose: (family: 4 | 6) => Cidr): readonly IpamPool[] {
  const resource = `network ${draft.name}`;
  const pools: IpamPool[] = [];
  const has = { 4: false, 6: false };
  for (const wish of draft.ipam ?? []) {
    if (wish.subnet === undefined) continue;
    const subnet = parseCidr(wish.subnet);
    if (subnet === undefined) throw new MydockerError('invalid', `subnet ${JSON.stringify(wish.subnet)} is not a CIDR`, { resource });
    if (sizeOf(subnet) < 4n) throw new MydockerError('invalid', `subnet ${wish.subnet} has no room for a container`, { resource });
    if ((subnet.family === 4 && draft.enableIpv4 === false) || (subnet.family === 6 && draft.enableIpv6 !== true)) continue;
    has[subnet.family] = true;
    pools.push(completePool(wish, subnet, resource));
  }
  const rest = (draft.ipam ?? []).find(({ subnet }) => subnet === undefined);
  if (rest?.ipRange !== undefined || rest?.gateway !== undefined) {
    throw new MydockerError('invalid', 'ip_range and gateway need a subnet', { resource, hint: 'Add subnet beside them.' });
  }
  for (const family of [4, 6] as const) {
    const wanted = family === 4 ? draft.enableIpv4 !== false : draft.enableIpv6 === true;
    if (wanted && !has[family]) pools.push({ ...completePool({}, choose(family), resource), chosen: true });
  }
  return pools;
}

function completePool(wish: Partial<IpamPool>, subnet: Cidr, resource: string): IpamPool {
  const range = wish.ipRange === undefined || wish.ipRange === '' ? undefined : parseCidr(wish.ipRange);
  if (wish.ipRange !== undefined && wish.ipRange !== '' && (range === undefined || !within(range, subnet))) {
    throw new MydockerError('invalid', `ip_range ${wish.ipRange} is not within subnet ${formatCidr(subnet)}`, { resource });
  }
  for (const [name, text] of Object.entries(wish.auxAddresses ?? {})) inSubnet(`aux_addresses.${name}`, text, subnet, resource);
  const gateway =
    wish.gateway === undefined || wish.gateway === ''
      ? firstOf(range ?? subnet, wish.auxAddresses ?? {})
      : inSubnet('gateway', wish.gateway, subnet, resource);
  return {
    subnet: formatCidr(subnet),
    ...(range === undefined ? {} : { ipRange: formatCidr(range) }),
    gateway,
    ...(wish.auxAddresses === undefined ? {} : { auxAddresses: wish.auxAddresses }),
  };
}

/** As Docker: the first address of the range, past the network's own and auxiliary ones. */
function firstOf(range: Cidr, auxiliary: Readonly<Record<string, string>>): string {
  const taken = new Set(Object.values(auxiliary));
  for (let value = range.base + 1n; value <= lastOf(range); value++) {
    const text = formatAddress({ family: range.family, value });
    if (!taken.has(text)) return text;
  }
  return formatAddress({ family: range.family, value: range.base });
}

function within(inner: Cidr, outer: Cidr): boolean {
  return contains(outer, { family: inner.family, value: inner.base }) && inner.prefix >= outer.prefix;
}

function inSubnet(key: string, text: string, subnet: Cidr, resource: string): string {
  const address = parseAddress(text.split('/')[0] ?? '');
  if (address === undefined || !contains(subnet, address)) {
    throw new MydockerError('invalid', `${key} ${text} is not in subnet ${formatCidr(subnet)}`, { resource });
  }
  if (address.value === cidrOf(address, subnet.prefix).base) {
    throw new MydockerError('invalid', `${key} ${text} is the address of subnet ${formatCidr(subnet)} itself`, { resource });
  }
  return formatAddress(address);
}
