import type { Command } from 'commander';
import { formatRows } from '../../../ui/rows.ts';
import { VOLUME_COLUMNS, volumeRow } from '../../../ui/volume-row.ts';
import { writeOut } from '../../../util/stdio.ts';
import type { Cli } from '../cli.ts';
import { collect } from '../collect.ts';
import { volumeFilter } from './filter.ts';
import { usedVolumes } from './used-volumes.ts';

interface LsFlags {
  readonly filter: readonly string[];
  readonly format: string;
  readonly quiet?: boolean;
}

export function defineVerb(command: Command, cli: Cli): void {
  command
    .option('-f, --filter <filter>', 'name=, driver=, dangling=, label=', collect, [])
    .option('--format <format>', 'table, json, table TEMPLATE, or a Go template', 'table')
    .option('-q, --quiet', 'only show names')
    .action(async ({ filter, format, quiet = false }: LsFlags) => {
      const runtime = await cli.open();
      const matches = volumeFilter(filter, filter.length === 0 ? new Set() : await usedVolumes(runtime));
      const volumes = (await runtime.volumes.list()).filter(matches);
      writeOut(
        quiet ? volumes.map(({ name }) => `${name}\n`).join('') : formatRows(volumes.map(volumeRow), { format, columns: VOLUME_COLUMNS }),
      );
    });
}
