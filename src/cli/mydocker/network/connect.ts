import type { Command } from 'commander';
import { MydockerError } from '../../../errors.ts';
import type { Cli } from '../cli.ts';
import { collect } from '../collect.ts';
import { keyValues } from '../key-values.ts';

interface ConnectFlags {
  readonly alias: readonly string[];
  readonly driverOpt: readonly string[];
  readonly gwPriority?: string;
  readonly ip?: string;
  readonly ip6?: string;
  readonly link: readonly string[];
  readonly linkLocalIp: readonly string[];
}

export function defineVerb(command: Command, cli: Cli): void {
  command
    .argument('<NETWORK>')
    .argument('<CONTAINER>')
    .option('--alias <name>', 'a further name of the container on this network', collect, [])
    .option('--driver-opt <key=value>', 'option of the endpoint', collect, [])
    .option('--gw-priority <number>', 'the highest has the default route')
    .option('--ip <address>', 'IPv4 address')
    .option('--ip6 <address>', 'IPv6 address')
    .option('--link <container:alias>', 'another name for another container', collect, [])
    .option('--link-local-ip <address>', 'a further, link-local address', collect, [])
    .action(async (network: string, container: string, flags: ConnectFlags) => {
      const runtime = await cli.open();
      await runtime.networks.connect(network, container, {
        aliases: flags.alias,
        links: flags.link,
        linkLocalIps: flags.linkLocalIp,
        gwPriority: priorityOf(flags.gwPriority ?? '0'),
        driverOpts: keyValues('--driver-opt', flags.driverOpt),
        ...(flags.ip === undefined ? {} : { ipv4Address: flags.ip }),
        ...(flags.ip6 === undefined ? {} : { ipv6Address: flags.ip6 }),
      });
    });
}

function priorityOf(text: string): number {
  if (!/^-?\d+$/.test(text)) throw new MydockerError('usage', `--gw-priority ${JSON.stringify(text)} is not a whole number`);
  return Number(text);
}
