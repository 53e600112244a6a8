import type { Command } from 'commander';
import { humanDuration, humanSize } from '../../../ui/human.ts';
import { formatRows } from '../../../ui/rows.ts';
import { writeOut } from '../../../util/stdio.ts';
import type { Cli } from '../cli.ts';

const COLUMNS = [
  { heading: 'VOLUME NAME', field: 'Name' },
  { heading: 'REMOVED', field: 'Removed' },
  { heading: 'EXPIRES', field: 'Expires' },
  { heading: 'SIZE', field: 'Size' },
  { heading: 'TRASH ID', field: 'ID' },
];

export function defineVerb(command: Command, cli: Cli): void {
  command
    .option('--format <format>', 'table, json, table TEMPLATE, or a Go template', 'table')
    .option('-q, --quiet', 'only show trash ids')
    .action(async ({ format, quiet = false }: { readonly format: string; readonly quiet?: boolean }) => {
      const runtime = await cli.open();
      const now = Date.now();
      const rows = (await runtime.volumes.listTrash()).map(({ id, name, removed, expires, size }) => ({
        ID: id,
        Name: name,
        Removed: `${humanDuration(now - removed)} ago`,
        RemovedAt: new Date(removed).toISOString(),
        Expires: expires <= now ? 'at the next removal' : `in ${humanDuration(expires - now)}`,
        ExpiresAt: new Date(expires).toISOString(),
        Size: humanSize(size),
      }));
      writeOut(quiet ? rows.map(({ ID }) => `${ID}\n`).join('') : formatRows(rows, { format, columns: COLUMNS }));
    });
}
