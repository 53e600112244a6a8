import type { Command } from 'commander';
import type { Cli } from '../cli.ts';

export function defineVerb(command: Command, cli: Cli): void {
  command
    .argument('<NETWORK>')
    .argument('<CONTAINER>')
    .option('-f, --force', 'the same: a container never keeps a network by itself')
    .action(async (network: string, container: string) => {
      const runtime = await cli.open();
      await runtime.networks.disconnect(network, container);
    });
}
