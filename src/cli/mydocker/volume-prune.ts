import type { Command } from 'commander';
import { humanSize } from '../../ui/human.ts';
import type { Cli } from './cli.ts';
import { collect } from './collect.ts';
import { confirm } from './confirm.ts';
import { pruneVolumes } from './prune-volumes.ts';

interface PruneFlags {
  readonly all?: boolean;
  readonly filter: readonly string[];
  readonly force?: boolean;
}

export function defineVerb(command: Command, cli: Cli): void {
  command
    .option('-a, --all', 'named volumes too, not only anonymous ones')
    .option('--filter <filter>', 'label=, label!=', collect, [])
    .option('-f, --force', 'do not ask')
    .action(async ({ all = false, filter, force = false }: PruneFlags) => {
      const what = all ? 'all volumes' : 'anonymous local volumes';
      if (
        !force &&
        !(await confirm(`WARNING! This will remove ${what} not used by at least one container.\nAre you sure you want to continue?`))
      ) {
        return;
      }
      const { removed, bytes } = await pruneVolumes(await cli.open(), all, filter);
      if (removed.length > 0) process.stdout.write(`Deleted Volumes:\n${removed.join('\n')}\n\n`);
      process.stdout.write(`Total reclaimed space: ${humanSize(bytes)}\n`);
    });
}
