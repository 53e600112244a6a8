import type { Command } from 'commander';
import type { Cli } from './cli.ts';
import { containerVerbs } from './container-verbs.ts';
import { defineVerbs } from './define-verbs.ts';

export async function defineVerb(command: Command, cli: Cli, words: readonly string[]): Promise<void> {
  const prune = { summary: 'Remove all stopped containers', load: () => import('./prune.ts') };
  command.enablePositionalOptions(); // words after the image of `run` are the program's
  await defineVerbs(command, { ...containerVerbs, prune }, cli, words);
}
