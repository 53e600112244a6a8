import type { Command } from 'commander';
import { containerRow } from '../../ui/container-row.ts';
import { humanSize } from '../../ui/human.ts';
import { formatRows, type Column } from '../../ui/rows.ts';
import { writeOut } from '../../util/stdio.ts';
import type { Cli } from './cli.ts';
import { collect } from './collect.ts';
import { integerOf } from './run/values.ts';

interface PsFlags {
  readonly all?: boolean;
  readonly filter: readonly string[];
  readonly format?: string;
  readonly last: string;
  readonly latest?: boolean;
  readonly trunc: boolean;
  readonly quiet?: boolean;
  readonly size?: boolean;
}

const COLUMNS: readonly Column[] = [
  { heading: 'CONTAINER ID', field: 'ID' },
  { heading: 'IMAGE', field: 'Image' },
  { heading: 'COMMAND', field: 'Command' },
  { heading: 'CREATED', field: 'RunningFor' },
  { heading: 'STATUS', field: 'Status' },
  { heading: 'PORTS', field: 'Ports' },
  { heading: 'NAMES', field: 'Names' },
];

export function defineVerb(command: Command, cli: Cli): void {
  command
    .option('-a, --all', 'stopped ones too')
    .option(
      '-f, --filter <filter>',
      'status=, name=, id=, label=, ancestor=, exited=, health=, volume=, network=, before=, since=, publish=',
      collect,
      [],
    )
    .option('--format <format>', 'table, json, table TEMPLATE, or a Go template')
    .option('-n, --last <count>', 'the last so many, stopped ones too', '-1')
    .option('-l, --latest', 'the last one, stopped or not')
    .option('--no-trunc', "don't truncate output")
    .option('-q, --quiet', 'only ids')
    .option('-s, --size', 'show the size of the write layer')
    .action(async (flags: PsFlags) => {
      const runtime = await cli.open();
      const { containerFilter } = await import('./container-filter.ts');
      const containers = [...(await runtime.containers.list())].reverse();
      const { matches, showsStopped } = containerFilter(flags.filter, containers);
      const last = flags.latest === true ? 1 : integerOf('--last', flags.last);
      const shown = containers.filter(
        (container) => matches(container) && (flags.all === true || last > 0 || showsStopped || container.state.supervisorPid > 0),
      );
      const now = new Date();
      const limited = last > 0 ? shown.slice(0, last) : shown;
      const sizes =
        flags.size === true
          ? await Promise.all(limited.map(async ({ config }) => humanSize(await runtime.containers.sizeOf(config.id))))
          : [];
      const rows = limited.map((container, index) => {
        const { ID, Command, CreatedAt, Image, Labels, LocalVolumes, Mounts, Names, Networks, Ports, RunningFor, State, Status } =
          containerRow(container, now, !flags.trunc);
        return {
          Command,
          CreatedAt,
          ID,
          Image,
          Labels,
          LocalVolumes,
          Mounts,
          Names,
          Networks,
          Ports,
          RunningFor,
          Size: sizes[index] ?? '0B',
          State,
          Status,
        };
      });
      writeOut(formatted(rows, flags));
    });
}

function formatted(rows: readonly Readonly<Record<string, unknown>>[], { quiet = false, format, size = false }: PsFlags): string {
  if (quiet && (format === undefined || format === 'table')) return rows.map(({ ID }) => `${String(ID)}\n`).join('');
  return formatRows(rows, { format: format ?? 'table', columns: size ? [...COLUMNS, { heading: 'SIZE', field: 'Size' }] : COLUMNS });
}
