import type { Command } from 'commander';
import { writeOut } from '../../../util/stdio.ts';
import type { Cli } from '../cli.ts';

export function defineVerb(command: Command, cli: Cli): void {
  command
    .argument('<VOLUME>', 'a name, whose newest removal is meant, or a trash id')
    .option('--name <name>', 'bring it back under this name')
    .action(async (reference: string, { name }: { readonly name?: string }) => {
      const runtime = await cli.open();
      writeOut(`${await runtime.volumes.restore(reference, name)}\n`);
    });
}
