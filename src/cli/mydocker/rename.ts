import type { Command } from 'commander';
import type { Cli } from './cli.ts';

export function defineVerb(command: Command, cli: Cli): void {
  command
    .argument('<container>')
    .argument('<name>')
    .action(async (reference: string, name: string) => {
      const runtime = await cli.open();
      await runtime.containers.rename(reference, name);
    });
}
