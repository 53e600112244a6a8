import { Command } from 'commander';
import type { Cli, VerbTable } from './cli.ts';

/** Declares all verbs of a table, but loads only the one that is called: `words[0]`. */
export async function defineVerbs(parent: Command, table: VerbTable, cli: Cli, words: readonly string[]): Promise<void> {
  for (const [name, verb] of Object.entries(table)) {
    const command = newCommand(name).summary(verb.summary).description(verb.summary);
    for (const alias of verb.aliases ?? []) command.alias(alias);
    parent.addCommand(command, { hidden: verb.hidden ?? false });
    const called = words[0] === name || (verb.aliases ?? []).includes(words[0] ?? '');
    if (called) {
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
    .configureOutput({ outputError: () => undefined })
    .helpOption('--help', 'show help');
}
