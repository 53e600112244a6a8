import type { Command } from 'commander';
import { writeOut } from '../../util/stdio.ts';
import type { Cli } from './cli.ts';

const LETTERS = { added: 'A', changed: 'C', deleted: 'D' } as const;

export function defineVerb(command: Command, cli: Cli): void {
  command.argument('<CONTAINER>').action(async (container: string) => {
    const { files } = await cli.open();
    writeOut((await files.diff(container)).map(({ kind, path }) => `${LETTERS[kind]} ${path}\n`).join(''));
  });
}
