import type { Command } from 'commander';
import { writeErr } from '../../../util/stdio.ts';
import type { Cli } from '../cli.ts';
import { eachReference } from '../each-reference.ts';

export function defineVerb(command: Command, cli: Cli): void {
  command
    .argument('<VOLUME...>')
    .option('-f, --force', 'no error for one that is not there')
    .action(async (names: readonly string[], { force = false }: { readonly force?: boolean }) => {
      const runtime = await cli.open();
      await eachReference(names, async (name) => {
        await runtime.volumes.remove(name, { force });
        return name;
      });
      if (names.some((name) => runtime.volumes.trashed().includes(name))) {
        writeErr('To bring one back: mydocker volume trash restore NAME\n');
      }
    });
}
