import type { Command } from 'commander';
import type { Cli } from './cli.ts';
import { withOutput } from './output-file.ts';

export function defineVerb(command: Command, cli: Cli): void {
  command
    .argument('<IMAGE...>')
    .option('-o, --output <file>', 'write to a file, instead of standard output')
    .action(async (references: readonly string[], { output }: { readonly output?: string }) => {
      const runtime = await cli.open();
      await withOutput(output, (stream) => runtime.images.save(references, stream));
    });
}
