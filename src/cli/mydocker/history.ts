import type { Command } from 'commander';
import { humanDuration, humanSize } from '../../ui/human.ts';
import { formatRows } from '../../ui/rows.ts';
import { writeOut } from '../../util/stdio.ts';
import type { Cli } from './cli.ts';

interface HistoryFlags {
  readonly format?: string;
  readonly human: string | boolean;
  readonly trunc: boolean;
  readonly quiet?: boolean;
}

const COLUMNS = [
  { heading: 'IMAGE', field: 'ID' },
  { heading: 'CREATED', field: 'CreatedSince' },
  { heading: 'CREATED BY', field: 'CreatedBy' },
  { heading: 'SIZE', field: 'Size' },
  { heading: 'COMMENT', field: 'Comment' },
];

export function defineVerb(command: Command, cli: Cli): void {
  command
    .argument('<IMAGE>')
    .option('--format <format>', 'table, json, table TEMPLATE, or a Go template')
    .option('-H, --human [boolean]', 'print sizes and dates for people', true)
    .option('--no-trunc', "don't truncate output")
    .option('-q, --quiet', 'only show image ids')
    .action(async (reference: string, { format = '', human, trunc, quiet = false }: HistoryFlags) => {
      const runtime = await cli.open();
      const lines = await runtime.images.history(reference);
      const forPeople = human !== 'false' && human !== false;
      const rows = lines.map(({ id, created, createdBy, size, comment }) => ({
        Comment: comment,
        CreatedAt: created,
        CreatedBy: shortened(createdBy.replaceAll('\t', ' '), trunc),
        CreatedSince: forPeople ? `${humanDuration(Date.now() - Date.parse(created))} ago` : created,
        ID: id === '' ? '<missing>' : trunc ? id.slice(7, 19) : id,
        Size: forPeople ? humanSize(size) : String(size),
      }));
      writeOut(quiet ? rows.map(({ ID }) => `${ID}\n`).join('') : formatRows(rows, { format, columns: COLUMNS }));
    });
}

function shortened(text: string, trunc: boolean): string {
  return trunc && text.length > 45 ? `${text.slice(0, 44)}…` : text;
}
