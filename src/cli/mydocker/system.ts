import type { Command } from 'commander';
import type { Cli, VerbTable } from './cli.ts';
import { defineVerbs } from './define-verbs.ts';

const systemVerbs: VerbTable = {
  df: { summary: 'Show what takes up the disk', load: () => import('./system-df.ts') },
  events: { summary: 'Show what happens', load: () => import('./events.ts') },
  info: { summary: 'Show what this host offers', load: () => import('./info.ts') },
  prune: { summary: 'Remove what is not used', load: () => import('./system-prune.ts') },
};

export async function defineVerb(command: Command, cli: Cli, words: readonly string[]): Promise<void> {
  await defineVerbs(command, systemVerbs, cli, words);
}
