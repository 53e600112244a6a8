import type { Command } from 'commander';
import type { Cli } from './cli.ts';
import { eachReference } from './each-reference.ts';

export function defineVerb(command: Command, cli: Cli): void {
  command.argument('<container...>').action(async (references: readonly string[]) => {
    const runtime = await cli.open();
    await eachReference(references, async (reference) => String(await runtime.containers.wait(reference)));
  });
}
