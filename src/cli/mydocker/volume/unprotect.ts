import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { eachReference } from '../each-reference.ts';

export function defineVerb(command: Command, cli: Cli): void {
  command.argument('<VOLUME...>').action(async (names: readonly string[]) => {
    const runtime = await cli.open();
    await eachReference(names, async (name) => {
      await runtime.volumes.protect(name, false);
      return name;
    });
  });
}
