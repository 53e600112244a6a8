import type { Command } from 'commander';
import type { VolumeRecord } from '../../model/runtime.ts';
import { formatRows, type Column } from '../../ui/rows.ts';
import type { Cli } from './cli.ts';
import { collect } from './collect.ts';
import { volumeFilter } from './volume-filter.ts';

interface LsFlags {
  readonly filter: readonly string[];
  readonly format?: string;
  readonly quiet?: boolean;
}

const COLUMNS: readonly Column[] = [
  { heading: 'DRIVER', field: 'Driver' },
  { heading: 'VOLUME NAME', field: 'Name' },
];

export function defineVerb(command: Command, cli: Cli): void {
  command
    .option('-f, --filter <filter>', 'dangling=, driver=, label=, name=', collect, [])
    .option('--format <format>', 'table, json, table TEMPLATE, or a Go template')
    .option('-q, --quiet', 'only names')
    .action(async ({ filter, format, quiet = false }: LsFlags) => {
      const runtime = await cli.open();
      const matches = volumeFilter(filter, runtime.volumes.usersByVolume());
      const rows = (await runtime.volumes.list()).filter(matches).map(rowOf);
      process.stdout.write(
        quiet && format === undefined
          ? rows.map(({ Name }) => `${Name}\n`).join('')
          : formatRows(rows, { format: format ?? 'table', columns: COLUMNS }),
      );
    });
}

function rowOf({ driver, labels, mountpoint, name }: VolumeRecord): Readonly<Record<string, string>> & { readonly Name: string } {
  return {
    Availability: 'N/A',
    Driver: driver,
    Group: 'N/A',
    Labels: Object.entries(labels)
      .map(([key, value]) => `${key}=${value}`)
      .join(','),
    Links: 'N/A',
    Mountpoint: mountpoint,
    Name: name,
    Scope: 'local',
    Size: 'N/A',
    Status: 'N/A',
  };
}
