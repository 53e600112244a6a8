import type { Command } from 'commander';
import { writeOut } from '../../util/stdio.ts';
import type { Cli } from './cli.ts';
import { createFromFlags } from './run/create-container.ts';
import { defineRunFlags, runFlagsOf } from './run/flags.ts';

export function defineVerb(command: Command, cli: Cli): void {
  defineRunFlags(command).action(async (image: string, words: readonly string[]) => {
    const runtime = await cli.open();
    const id = await createFromFlags(runtime, { ...runFlagsOf(command), detach: true }, image, words);
    writeOut(`${id}\n`);
  });
}
