import type { Command } from 'commander';
import { humanSize } from '../../../ui/human.ts';
import { writeErr, writeOut } from '../../../util/stdio.ts';
import type { Cli } from '../cli.ts';
import { collect } from '../collect.ts';
import { confirm } from '../../ask.ts';
import { pruneVolumes } from '../prune-volumes.ts';

interface PruneFlags {
  readonly all?: boolean;
  readonly filter: readonly string[];
  readonly force?: boolean;
}

export function defineVerb(command: Command, cli: Cli): void {
  command
    .option('-a, --all', 'remove all unused volumes, not just anonymous ones')
    .option('--filter <filter>', 'label=, label!=', collect, [])
    .option('-f, --force', 'do not ask')
    .action(async ({ all = false, filter, force = false }: PruneFlags) => {
      const what = all ? 'all volumes not used by at least one container' : 'anonymous volumes not used by at least one container';
      if (!force && !(await confirm(`WARNING! This will remove ${what}.\nAre you sure you want to continue?`))) return;
      const runtime = await cli.open();
      const { removed, bytes } = await pruneVolumes(runtime, filter, all);
      if (removed.length > 0) writeOut(`Deleted Volumes:\n${removed.join('\n')}\n\n`);
      writeOut(`Total reclaimed space: ${humanSize(bytes)}\n`);
      if (removed.some((name) => runtime.volumes.trashed().includes(name))) {
        writeErr('Named volumes are in the trash and still take their space: `mydocker volume trash empty` deletes them for good.\n');
      }
    });
}
