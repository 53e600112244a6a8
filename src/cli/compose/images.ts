import type { Command } from 'commander';
import { MydockerError } from '../../errors.ts';
import { humanDuration, humanSize } from '../../ui/human.ts';
import { formatTable } from '../../ui/table.ts';
import { writeOut } from '../../util/stdio.ts';
import { projectOrName } from './session/load-desired.ts';
import { selectContainers } from './session/select-containers.ts';
import type { Session } from './session/session.ts';

interface ImagesOptions {
  readonly format: string;
  readonly quiet?: boolean;
}

export function defineImages(command: Command, session: Session): void {
  command
    .argument('[services...]')
    .option('--format <format>', 'Format the output: table, json', 'table')
    .option('-q, --quiet', 'Only display IDs')
    .addHelpText('after', '\nExample:\n  mydocker-compose images')
    .action(async (services: readonly string[], options: ImagesOptions) => {
      if (!['', 'table', 'pretty', 'json'].includes(options.format)) {
        throw new MydockerError('usage', `unknown format ${JSON.stringify(options.format)}`, { hint: 'use table or json' });
      }
      const runtime = await session.runtime();
      const { containers } = await selectContainers(runtime, await projectOrName(session.globals), services, {
        oneOffs: true,
        undeclared: true,
      });
      const rows = await Promise.all(
        containers.map(async ({ config }) => {
          const image = await runtime.images.get(config.image.id);
          const [repository, tag] = splitReference(
            image?.tags.find((name) => sameName(name, config.image.reference)) ?? config.image.reference,
          );
          return { id: config.image.id, container: config.name, repository, tag, image };
        }),
      );
      if (options.quiet === true) {
        writeOut([...new Set(rows.map(({ id }) => `${id.replace('sha256:', '')}\n`))].join(''));
      } else if (options.format === 'json') {
        const records = rows.map(({ id, container, repository, tag, image }) => ({
          ID: id,
          ContainerName: container,
          Repository: repository,
          Tag: tag,
          Platform: image === undefined ? '' : `${image.os}/${image.architecture}`,
          Size: image?.size ?? 0,
          LastTagTime: image?.created ?? '',
        }));
        writeOut(`${JSON.stringify(records)}\n`);
      } else {
        const now = Date.now();
        const cells = rows.map(({ id, container, repository, tag, image }) => [
          container,
          repository,
          tag,
          image === undefined ? '' : `${image.os}/${image.architecture}`,
          id.replace('sha256:', '').slice(0, 12),
          humanSize(image?.size ?? 0),
          image === undefined ? '' : `${humanDuration(now - new Date(image.created).getTime())} ago`,
        ]);
        writeOut(formatTable(['CONTAINER', 'REPOSITORY', 'TAG', 'PLATFORM', 'IMAGE ID', 'SIZE', 'CREATED'], cells, 3, 20));
      }
    });
}

function sameName(tagged: string, reference: string): boolean {
  return tagged === reference || tagged === `${reference}:latest`;
}

function splitReference(reference: string): readonly [string, string] {
  const [name = reference] = reference.split('@');
  const split = name.lastIndexOf(':');
  return split > name.lastIndexOf('/') ? [name.slice(0, split), name.slice(split + 1)] : [name, 'latest'];
}
