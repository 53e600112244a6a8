import type { Command } from 'commander';
import { humanSize } from '../../../ui/human.ts';
import { writeOut } from '../../../util/stdio.ts';
import type { Cli } from '../cli.ts';
import { confirm } from '../../ask.ts';

export function defineVerb(command: Command, cli: Cli): void {
  command
    .argument('[VOLUME...]', 'names or trash ids; all when none is given')
    .option('-f, --force', 'do not ask')
    .action(async (references: readonly string[], { force = false }: { readonly force?: boolean }) => {
      const what = references.length === 0 ? 'every removed volume' : references.join(', ');
      if (!force && !(await confirm(`WARNING! This deletes ${what} for good.\nAre you sure you want to continue?`))) return;
      const runtime = await cli.open();
      writeOut(`Total reclaimed space: ${humanSize(await runtime.volumes.emptyTrash(references))}\n`);
    });
}
