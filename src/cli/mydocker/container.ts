import type { Command } from 'commander';
import type { Cli, VerbTable } from './cli.ts';
import { defineVerbs } from './program.ts';
import { verbs } from './verbs.ts';

const NAMES =
  'attach commit cp create diff exec export inspect kill logs pause prune rename restart rm run start stats stop top unpause update wait'.split(
    ' ',
  );

export async function defineVerb(command: Command, cli: Cli, words: readonly string[]): Promise<void> {
  const table: Record<string, VerbTable[string]> = {};
  for (const name of NAMES) {
    const verb = verbs[name];
    if (verb !== undefined) table[name] = verb;
  }
  const ps = verbs['ps'];
  if (ps !== undefined) table['ls'] = { ...ps, aliases: ['list', 'ps'] };
  await defineVerbs(command, table, cli, words);
}
