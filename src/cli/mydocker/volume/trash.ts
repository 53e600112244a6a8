import type { Command } from 'commander';
import type { Cli, VerbTable } from '../cli.ts';
import { defineVerbs } from '../define-verbs.ts';

const trashVerbs: VerbTable = {
  empty: { summary: 'Delete removed volumes for good', load: () => import('./trash-empty.ts') },
  ls: { summary: 'List removed volumes that can be brought back', load: () => import('./trash-ls.ts'), aliases: ['list'] },
  restore: { summary: 'Bring a removed volume back', load: () => import('./trash-restore.ts') },
};

export async function defineVerb(command: Command, cli: Cli, words: readonly string[]): Promise<void> {
  await defineVerbs(command, trashVerbs, cli, words);
}
