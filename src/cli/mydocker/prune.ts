import type { Command } from 'commander';
import { humanSize } from '../../ui/human.ts';
import { writeOut } from '../../util/stdio.ts';
import type { Cli } from './cli.ts';
import { collect } from './collect.ts';
import { confirm } from '../ask.ts';
import { pruneContainers } from './prune-containers.ts';

interface PruneFlags {
  readonly filter: readonly string[];
  readonly force?: boolean;
}

export function defineVerb(command: Command, cli: Cli): void {
  command
    .option('--filter <filter>', 'label=, until=', collect, [])
    .option('-f, --force', 'do not ask')
    .action(async ({ filter, force = false }: PruneFlags) => {
      if (!force && !(await confirm('WARNING! This will remove all stopped containers.\nAre you sure you want to continue?'))) return;
      const { removed, bytes } = await pruneContainers(await cli.open(), filter);
      if (removed.length > 0) writeOut(`Deleted Containers:\n${removed.join('\n')}\n\n`);
      writeOut(`Total reclaimed space: ${humanSize(bytes)}\n`);
    });
}
