import type { Command } from 'commander';
import type { Cli } from './cli.ts';

const LETTERS = { added: 'A', changed: 'C', deleted: 'D' } as const;

export function defineVerb(command: Command, cli: Cli): void {
  command.argument('<CONTAINER>').action(async (container: string) => {
    const { files } = await cli.open();
    process.stdout.write((await files.diff(container)).map(({ kind, path }) => `${LETTERS[kind]} ${path}\n`).join(''));
  });
}
