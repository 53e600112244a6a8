import type { Command } from 'commander';
import type { Cli } from './cli.ts';
import { eachReference } from './each-reference.ts';

export function defineVerb(command: Command, cli: Cli): void {
  command
    .argument('<container...>')
    .option('-s, --signal <signal>', 'signal to send', 'KILL')
    .action(async (references: readonly string[], { signal }: { readonly signal: string }) => {
      const runtime = await cli.open();
      await eachReference(references, async (reference) => {
        await runtime.containers.kill(reference, signal);
        return reference;
      });
    });
}
