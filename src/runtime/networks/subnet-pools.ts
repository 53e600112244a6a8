import { MydockerError } from '../../errors.ts';
import { formatCidr, overlaps, parseCidr, sizeOf, type Cidr } from '../../util/ip.ts';

/** Networks of `size` bits are cut from `base` in turn. */
export interface Pool {
  readonly base: Cidr;
  readonly size: number;
}

/** Docker's pools (172.17.0.0/16 is the default bridge's), then small ones, since 31 networks are not many. */
const DEFAULT_POOLS = [
  '172.18.0.0/16=16',
  '172.19.0.0/16=16',
  '172.20.0.0/14=16',
  '172.24.0.0/14=16',
  '172.28.0.0/14=16',
  '192.168.0.0/16=20',
  '10.89.0.0/16=24',
  '10.90.0.0/15=24',
  '10.92.0.0/14=24',
];
export const BRIDGE_POOL: readonly Pool[] = [poolOf('172.17.0.0/16', 16)];

function poolOf(base: string, size: number): Pool {
  const cidr = parseCidr(base);
  if (cidr === undefined || size < cidr.prefix || size > (cidr.family === 4 ? 30 : 64)) {
    throw new MydockerError('invalid', `address pool ${JSON.stringify(`${base} size ${size}`)} is not valid`, {
      hint: 'Write MYDOCKER_ADDRESS_POOLS as "10.10.0.0/16=24,fd12:3456::/48=64": base=size of each network.',
    });
  }
  return { base: cidr, size };
}

/** `10.10.0.0/16=24,…` as in MYDOCKER_ADDRESS_POOLS; the defaults when it is absent or empty. */
export function parsePools(text: string | undefined, ulaBase: Cidr): readonly Pool[] {
  const items = text === undefined || text.trim() === '' ? DEFAULT_POOLS : text.split(',').map((item) => item.trim());
  const pools = items.map((item) => {
    const [base = '', size = ''] = item.split('=');
    return poolOf(base, /^\d+$/.test(size) ? Number(size) : -1);
  });
  return pools.some(({ base }) => base.family === 6) ? pools : [...pools, { base: ulaBase, size: 64 }];
}

/** The first network of the pools that overlaps nothing that is taken. */
export function chooseSubnet(pools: readonly Pool[], family: 4 | 6, taken: readonly Cidr[]): Cidr {
  for (const { base, size } of pools.filter((pool) => pool.base.family === family)) {
    const others = taken.filter((cidr) => overlaps(cidr, base));
    const step = sizeOf({ family, base: 0n, prefix: size });
    for (let at = base.base; at < base.base + sizeOf(base); at += step) {
      const subnet: Cidr = { family, base: at, prefix: size };
      if (!others.some((cidr) => overlaps(cidr, subnet))) return subnet;
    }
  }
  throw new MydockerError('host', `no free IPv${family} network is left in the address pools`, {
    hint: 'Remove unused networks (mydocker network prune), give the network a subnet, or set MYDOCKER_ADDRESS_POOLS.',
  });
}

/** The first of ours that overlaps, for a subnet somebody asked for. */
export function findOverlap(subnet: Cidr, taken: readonly { readonly name: string; readonly subnet: Cidr }[]): string | undefined {
  const found = taken.find((other) => overlaps(other.subnet, subnet));
  return found === undefined ? undefined : `${found.name} (${formatCidr(found.subnet)})`;
}
