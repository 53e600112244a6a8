import type { Command } from 'commander';
import { MydockerError } from '../../../errors.ts';
import type { Cli } from '../cli.ts';
import { eachReference } from '../each-reference.ts';

export function defineVerb(command: Command, cli: Cli): void {
  command
    .argument('<NETWORK...>')
    .option('-f, --force', 'no error for a network that is not there')
    .action(async (references: readonly string[], { force = false }: { readonly force?: boolean }) => {
      const runtime = await cli.open();
      await eachReference(references, async (reference) => {
        try {
          await runtime.networks.remove(reference);
          return reference;
        } catch (error) {
          if (force && error instanceof MydockerError && error.code === 'not-found') return undefined;
          throw error;
        }
      });
    });
}
