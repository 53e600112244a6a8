import type { Command } from 'commander';
import type { Cli } from './cli.ts';
import { withOutput } from './output-file.ts';

export function defineVerb(command: Command, cli: Cli): void {
  command
    .argument('<CONTAINER>')
    .option('-o, --output <file>', 'write to a file, instead of standard output')
    .action(async (container: string, { output }: { readonly output?: string }) => {
      const { files } = await cli.open();
      await withOutput(output, (stream) => files.export(container, stream));
    });
}
