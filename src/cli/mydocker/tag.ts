import type { Command } from 'commander';
import type { Cli } from './cli.ts';

export function defineVerb(command: Command, cli: Cli): void {
  command
    .argument('<SOURCE_IMAGE[:TAG]>')
    .argument('<TARGET_IMAGE[:TAG]>')
    .action(async (source: string, target: string) => {
      const runtime = await cli.open();
      await runtime.images.tag(source, target);
    });
}
