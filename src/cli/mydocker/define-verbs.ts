import { Command } from 'commander';
import { writeErr, writeOut } from '../../util/stdio.ts';
import type { Cli, VerbTable } from './cli.ts';

/** Declares the verb that is called, `words[0]`, and loads it; declares all verbs of the table when it is none of them. */
export async function defineVerbs(parent: Command, table: VerbTable, cli: Cli, words: readonly string[]): Promise<void> {
  const entries = Object.entries(table);
  const wanted = entries.filter(([name, { aliases = [] }]) => name === words[0] || aliases.includes(words[0] ?? ''));
  for (const [name, verb] of wanted.length > 0 ? wanted : entries) {
    const command = newCommand(name).summary(verb.summary).description(verb.summary);
    for (const alias of verb.aliases ?? []) command.alias(alias);
    parent.addCommand(command, { hidden: verb.hidden ?? false });
    if (wanted.length > 0) {
      const module = await verb.load();
      await module.defineVerb(command, cli, words.slice(1));
    }
  }
}

/** A command that throws where commander would print and exit. */
export function newCommand(name: string): Command {
  return new Command(name)
    .exitOverride()
    .showHelpAfterError(false)
    .configureOutput({ writeOut, writeErr, outputError: () => undefined })
    .helpOption('--help', 'show help');
}
