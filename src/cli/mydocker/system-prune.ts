import type { Command } from 'commander';
import { humanSize } from '../../ui/human.ts';
import { writeOut } from '../../util/stdio.ts';
import type { Cli } from './cli.ts';
import { collect } from './collect.ts';
import { confirm } from '../ask.ts';
import { pruneContainers } from './prune-containers.ts';
import { pruneVolumes } from './prune-volumes.ts';

interface PruneFlags {
  readonly all?: boolean;
  readonly filter: readonly string[];
  readonly force?: boolean;
  readonly volumes?: boolean;
}

export function defineVerb(command: Command, cli: Cli): void {
  command
    .option('-a, --all', 'all images that no container uses, not just dangling ones')
    .option('--filter <filter>', 'label=, until=', collect, [])
    .option('-f, --force', 'do not ask')
    .option('--volumes', 'anonymous volumes too')
    .action(async (flags: PruneFlags) => {
      if (flags.force !== true && !(await confirm(questionOf(flags)))) return;
      const runtime = await cli.open();
      const containers = await pruneContainers(runtime, flags.filter);
      const labels = flags.filter.filter((text) => text.startsWith('label'));
      const volumes = flags.volumes === true ? await pruneVolumes(runtime, labels) : { removed: [], bytes: 0 };
      const { imageFilter } = await import('../../runtime/images/image-filter.ts');
      const matches = imageFilter(flags.filter, await runtime.images.list());
      const images = await runtime.images.prune({ all: flags.all ?? false, matches: (image) => matches(image, image.tags[0] ?? '') });
      print('Containers', containers.removed);
      print('Volumes', volumes.removed);
      print(
        'Images',
        images.removals.map(({ untagged, deleted }) => (untagged === undefined ? `deleted: ${deleted ?? ''}` : `untagged: ${untagged}`)),
      );
      writeOut(`Total reclaimed space: ${humanSize(containers.bytes + volumes.bytes + images.reclaimed)}\n`);
    });
}

function print(what: string, lines: readonly string[]): void {
  if (lines.length > 0) writeOut(`Deleted ${what}:\n${lines.join('\n')}\n\n`);
}

function questionOf({ all = false, volumes = false }: PruneFlags): string {
  const what = [
    'all stopped containers',
    ...(volumes ? ['all anonymous volumes not used by at least one container'] : []),
    all ? 'all images without at least one container associated to them' : 'all dangling images',
  ];
  return `WARNING! This will remove:\n${what.map((line) => `  - ${line}\n`).join('')}\nAre you sure you want to continue?`;
}
