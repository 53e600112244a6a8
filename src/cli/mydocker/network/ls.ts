import type { Command } from 'commander';
import type { NetworkRecord } from '../../../model/runtime.ts';
import { formatRows } from '../../../ui/rows.ts';
import { writeOut } from '../../../util/stdio.ts';
import type { Cli } from '../cli.ts';
import { collect } from '../collect.ts';
import { networkFilter } from './filter.ts';

interface LsFlags {
  readonly filter: readonly string[];
  readonly format?: string;
  readonly trunc: boolean;
  readonly quiet?: boolean;
}

const COLUMNS = [
  { heading: 'NETWORK ID', field: 'ID' },
  { heading: 'NAME', field: 'Name' },
  { heading: 'DRIVER', field: 'Driver' },
  { heading: 'SCOPE', field: 'Scope' },
];

export function defineVerb(command: Command, cli: Cli): void {
  command
    .option('-f, --filter <filter>', 'driver=, id=, label=, name=, scope=, type=', collect, [])
    .option('--format <format>', 'table, json, table TEMPLATE, or a Go template')
    .option('--no-trunc', "don't truncate ids")
    .option('-q, --quiet', 'only show ids')
    .action(async ({ filter, format = '', trunc, quiet = false }: LsFlags) => {
      const runtime = await cli.open();
      const networks = (await runtime.networks.list()).filter(networkFilter(filter));
      const rows = networks.map((network) => rowOf(network, trunc));
      const text = quiet ? rows.map(({ ID }) => `${String(ID)}\n`).join('') : formatRows(rows, { format, columns: COLUMNS });
      writeOut(text);
    });
}

function rowOf(network: NetworkRecord, trunc: boolean): Readonly<Record<string, unknown>> {
  return {
    CreatedAt: network.created,
    Driver: network.driver === 'none' ? 'null' : network.driver,
    ID: trunc ? network.id.slice(0, 12) : network.id,
    IPv4: String(network.enableIpv4),
    IPv6: String(network.enableIpv6),
    Internal: String(network.internal),
    Labels: Object.entries(network.labels)
      .map(([key, value]) => `${key}=${value}`)
      .join(','),
    Name: network.name,
    Scope: 'local',
  };
}
