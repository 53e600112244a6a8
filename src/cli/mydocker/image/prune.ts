import type { Command } from 'commander';
import { humanSize } from '../../../ui/human.ts';
import { writeOut } from '../../../util/stdio.ts';
import type { Cli } from '../cli.ts';
import { collect } from '../collect.ts';
import { confirm } from '../../ask.ts';

interface PruneFlags {
  readonly all?: boolean;
  readonly filter: readonly string[];
  readonly force?: boolean;
}

export function defineVerb(command: Command, cli: Cli): void {
  command
    .option('-a, --all', 'remove all unused images, not just dangling ones')
    .option('--filter <filter>', 'label=, label!=, until=', collect, [])
    .option('-f, --force', 'do not ask')
    .action(async ({ all = false, filter, force = false }: PruneFlags) => {
      const what = all ? 'all images without at least one container associated to them' : 'all dangling images';
      if (!force && !(await confirm(`WARNING! This will remove ${what}.\nAre you sure you want to continue?`))) return;
      const { imageFilter } = await import('../../../runtime/images/image-filter.ts');
      const runtime = await cli.open();
      const matches = imageFilter(filter, await runtime.images.list());
      const { removals, reclaimed } = await runtime.images.prune({ all, matches: (image) => matches(image, image.tags[0] ?? '') });
      if (removals.length > 0) {
        const lines = removals.map(({ untagged, deleted }) =>
          untagged === undefined ? `deleted: ${deleted ?? ''}` : `untagged: ${untagged}`,
        );
        writeOut(`Deleted Images:\n${lines.join('\n')}\n\n`);
      }
      writeOut(`Total reclaimed space: ${humanSize(reclaimed)}\n`);
    });
}
