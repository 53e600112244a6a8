import type { Command } from 'commander';
import type { Cli } from './cli.ts';
import { eachReference } from './each-reference.ts';

export function defineVerb(command: Command, cli: Cli): void {
  command
    .argument('<volume...>')
    .option('-f, --force', 'not an error when it is not there')
    .action(async (names: readonly string[], { force = false }: { readonly force?: boolean }) => {
      const runtime = await cli.open();
      await eachReference(names, async (name) => {
        await runtime.volumes.remove(name, { force });
        return name;
      });
    });
}
