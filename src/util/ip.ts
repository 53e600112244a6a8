export type Family = 4 | 6;

export interface Address {
  readonly family: Family;
  readonly value: bigint;
}

/** A range of addresses that a prefix stands for; `base` has zeros behind the prefix. */
export interface Cidr {
  readonly family: Family;
  readonly base: bigint;
  readonly prefix: number;
}

const BITS = { 4: 32, 6: 128 } as const;

const IPV4 = /^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)\.){3}(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)$/;

/** 4, 6 or, when it is no address, 0: as `isIP` of `node:net`, which is only loaded for what may be IPv6. */
export function isIP(text: string): 0 | Family {
  if (IPV4.test(text)) return 4;
  return text.includes(':') && process.getBuiltinModule('node:net').isIPv6(text) ? 6 : 0;
}

export function parseAddress(text: string): Address | undefined {
  const family = isIP(text);
  if (family === 4) return { family, value: parseIPv4(text) };
  return family === 6 && !text.includes('%') ? { family, value: parseIPv6(text) } : undefined;
}

function parseIPv4(text: string): bigint {
  return text.split('.').reduce((value, part) => (value << 8n) | BigInt(part), 0n);
}

function parseIPv6(text: string): bigint {
  const [head = '', tail] = text.split('::');
  const left = groupsOf(head);
  const right = tail === undefined ? [] : groupsOf(tail);
  const zeros = new Array<bigint>(8 - left.length - right.length).fill(0n);
  return [...left, ...zeros, ...right].reduce((value, group) => (value << 16n) | group, 0n);
}

function groupsOf(text: string): bigint[] {
  if (text === '') return [];
  return text.split(':').flatMap((group) => {
    if (!group.includes('.')) return [BigInt(`0x${group}`)];
    const value = parseIPv4(group);
    return [value >> 16n, value & 0xffffn];
  });
}

/** As inet_ntop(3) writes it: lower case, the longest run of zero groups as `::`. */
export function formatAddress({ family, value }: Address): string {
  if (family === 4) return [24n, 16n, 8n, 0n].map((shift) => String((value >> shift) & 0xffn)).join('.');
  const groups = Array.from({ length: 8 }, (_, index) => ((value >> BigInt(112 - 16 * index)) & 0xffffn).toString(16));
  const { start, length } = longestZeroRun(groups);
  if (length < 2) return groups.join(':');
  return `${groups.slice(0, start).join(':')}::${groups.slice(start + length).join(':')}`;
}

function longestZeroRun(groups: readonly string[]): { start: number; length: number } {
  let best = { start: 0, length: 0 };
  for (let start = 0; start < groups.length; start++) {
    let length = 0;
    while (groups[start + length] === '0') length++;
    if (length > best.length) best = { start, length };
  }
  return best;
}

/** `10.0.0.0/8`; undefined when it is not one. Bits behind the prefix are cleared. */
export function parseCidr(text: string): Cidr | undefined {
  const [addressText = '', prefixText = '', ...rest] = text.split('/');
  const address = parseAddress(addressText);
  if (address === undefined || rest.length > 0 || !/^\d{1,3}$/.test(prefixText)) return undefined;
  const prefix = Number(prefixText);
  if (prefix > BITS[address.family]) return undefined;
  return cidrOf(address, prefix);
}

/** The range of `prefix` bits that holds the address. */
export function cidrOf({ family, value }: Address, prefix: number): Cidr {
  const rest = BigInt(BITS[family] - prefix);
  return { family, base: (value >> rest) << rest, prefix };
}

export function formatCidr({ family, base, prefix }: Cidr): string {
  return `${formatAddress({ family, value: base })}/${prefix}`;
}

export function sizeOf({ family, prefix }: Cidr): bigint {
  return 1n << BigInt(BITS[family] - prefix);
}

export function lastOf(cidr: Cidr): bigint {
  return cidr.base + sizeOf(cidr) - 1n;
}

export function contains(cidr: Cidr, address: Address): boolean {
  return cidr.family === address.family && address.value >= cidr.base && address.value <= lastOf(cidr);
}

export function overlaps(a: Cidr, b: Cidr): boolean {
  return a.family === b.family && a.base <= lastOf(b) && b.base <= lastOf(a);
}

/** 127.0.0.0/8 and ::1. */
export function isLoopback({ family, value }: Address): boolean {
  return family === 4 ? value >> 24n === 127n : value === 1n;
}
