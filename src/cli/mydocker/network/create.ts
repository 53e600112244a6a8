import type { Command } from 'commander';
import { MydockerError } from '../../../errors.ts';
import type { IpamPool, NetworkDraft } from '../../../model/runtime.ts';
import { contains, parseAddress, parseCidr } from '../../../util/ip.ts';
import { writeOut } from '../../../util/stdio.ts';
import type { Cli } from '../cli.ts';
import { collect } from '../collect.ts';
import { keyValues } from '../key-values.ts';

interface CreateFlags {
  readonly attachable?: boolean;
  readonly auxAddress: readonly string[];
  readonly driver: string;
  readonly gateway: readonly string[];
  readonly internal?: boolean;
  readonly ipRange: readonly string[];
  readonly ipv4: boolean | string;
  readonly ipv6?: boolean;
  readonly label: readonly string[];
  readonly opt: readonly string[];
  readonly subnet: readonly string[];
}

export function defineVerb(command: Command, cli: Cli): void {
  command
    .argument('<NETWORK>')
    .option('--attachable', 'let containers be put on it by hand (they may be anyway)')
    .option('--aux-address <name=address>', 'an address that no container gets', collect, [])
    .option('-d, --driver <driver>', 'driver: bridge', 'bridge')
    .option('--gateway <address>', 'gateway of the subnet', collect, [])
    .option('--internal', 'no way to the outside')
    .option('--ip-range <cidr>', 'give containers addresses from this part of the subnet', collect, [])
    .option('--ipv4 [wish]', 'IPv4; false switches it off', true)
    .option('--ipv6', 'IPv6')
    .option('--label <key=value>', 'metadata', collect, [])
    .option('-o, --opt <key=value>', 'driver option', collect, [])
    .option('--subnet <cidr>', 'range of addresses', collect, [])
    .action(async (name: string, flags: CreateFlags) => {
      const runtime = await cli.open();
      const { id } = await runtime.networks.create(draftOf(name, flags));
      writeOut(`${id}\n`);
    });
}

function draftOf(name: string, flags: CreateFlags): NetworkDraft {
  return {
    name,
    driver: flags.driver,
    driverOpts: keyValues('--opt', flags.opt),
    labels: keyValues('--label', flags.label),
    internal: flags.internal ?? false,
    attachable: flags.attachable ?? false,
    enableIpv4: flags.ipv4 !== 'false',
    enableIpv6: flags.ipv6 ?? flags.subnet.some((subnet) => subnet.includes(':')),
    ipam: poolsOf(flags),
  };
}

/** Each range, gateway and auxiliary address belongs to the subnet that holds it. */
function poolsOf({ subnet, ipRange, gateway, auxAddress }: CreateFlags): readonly Partial<IpamPool>[] {
  const pools = subnet.map((text): { -readonly [Key in keyof IpamPool]: IpamPool[Key] } => ({ subnet: text }));
  const holder = (flag: string, text: string): (typeof pools)[number] => {
    const address = parseAddress(text.split('/')[0] ?? '');
    const found = pools.find((pool) => {
      const cidr = parseCidr(pool.subnet);
      return cidr !== undefined && address !== undefined && contains(cidr, address);
    });
    if (found === undefined) throw new MydockerError('usage', `${flag} ${text} is in no --subnet`);
    return found;
  };
  for (const text of ipRange) holder('--ip-range', text).ipRange = text;
  for (const text of gateway) holder('--gateway', text).gateway = text;
  for (const [name, text] of Object.entries(keyValues('--aux-address', auxAddress))) {
    const pool = holder('--aux-address', text);
    pool.auxAddresses = { ...pool.auxAddresses, [name]: text };
  }
  return pools;
}
