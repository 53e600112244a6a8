import type { Command } from 'commander';
import { MydockerError } from '../../errors.ts';
import type { Image } from '../../model/runtime.ts';
import { humanDuration, humanSize } from '../../ui/human.ts';
import { formatRows, type Column } from '../../ui/rows.ts';
import { writeOut } from '../../util/stdio.ts';
import type { Cli } from './cli.ts';
import { collect } from './collect.ts';

interface ImagesFlags {
  readonly all?: boolean;
  readonly digests?: boolean;
  readonly filter: readonly string[];
  readonly format?: string;
  readonly trunc: boolean;
  readonly quiet?: boolean;
}

const NONE = '<none>';

export function defineVerb(command: Command, cli: Cli): void {
  command
    .argument('[REPOSITORY[:TAG]]')
    .option('-a, --all', 'show all images')
    .option('--digests', 'show digests')
    .option('-f, --filter <filter>', 'dangling=, label=, before=, since=, reference=', collect, [])
    .option('--format <format>', 'table, json, table TEMPLATE, or a Go template')
    .option('--no-trunc', "don't truncate output")
    .option('-q, --quiet', 'only show image ids')
    .action(async (pattern: string | undefined, flags: ImagesFlags) => {
      const { imageFilter } = await import('../../runtime/images/image-filter.ts');
      const runtime = await cli.open();
      const images = await runtime.images.list();
      const matches = imageFilter([...flags.filter, ...(pattern === undefined ? [] : [`reference=${pattern}`])], images);
      const rows = images.flatMap((image) => rowsOf(image, flags).filter((row) => matches(image, row.name)));
      writeOut(formatted(rows, flags));
    });
}

interface ImageRow {
  /** Familiar name with tag, empty when there is none. */
  readonly name: string;
  readonly fields: Readonly<Record<string, string>>;
}

function rowsOf(image: Image, { trunc, digests = false }: ImagesFlags): readonly ImageRow[] {
  const digestOf = new Map(image.digests.map((name) => name.split('@', 2) as [string, string]));
  const names = image.tags.map((name) => ({ name, at: name.lastIndexOf(':') }));
  const tagged = new Set(names.map(({ name, at }) => name.slice(0, at)));
  const rows = names.map(({ name, at }) => ({ name, repository: name.slice(0, at), tag: name.slice(at + 1) }));
  for (const repository of digestOf.keys()) if (!tagged.has(repository)) rows.push({ name: repository, repository, tag: NONE });
  if (rows.length === 0) rows.push({ name: '', repository: NONE, tag: NONE });
  const since = `${humanDuration(Date.now() - Date.parse(image.created))} ago`;
  return rows.map(({ name, repository, tag }) => ({
    name,
    fields: {
      Containers: 'N/A',
      CreatedAt: image.created,
      CreatedSince: since,
      Digest: digests ? (digestOf.get(repository) ?? NONE) : NONE,
      ID: trunc ? image.id.slice(7, 19) : image.id,
      Repository: repository,
      SharedSize: 'N/A',
      Size: humanSize(image.size),
      Tag: tag,
      UniqueSize: 'N/A',
      VirtualSize: humanSize(image.size),
    },
  }));
}

function formatted(rows: readonly ImageRow[], { format = '', quiet = false, digests = false }: ImagesFlags): string {
  if (quiet) {
    if (format !== '' && format !== 'table') throw new MydockerError('usage', '--quiet and --format exclude each other');
    return [...new Set(rows.map(({ fields }) => fields['ID'] ?? ''))].map((id) => `${id}\n`).join('');
  }
  const columns: Column[] = [
    { heading: 'REPOSITORY', field: 'Repository' },
    { heading: 'TAG', field: 'Tag' },
    ...(digests ? [{ heading: 'DIGEST', field: 'Digest' }] : []),
    { heading: 'IMAGE ID', field: 'ID' },
    { heading: 'CREATED', field: 'CreatedSince' },
    { heading: 'SIZE', field: 'Size' },
  ];
  return formatRows(
    rows.map(({ fields }) => fields),
    { format, columns },
  );
}
