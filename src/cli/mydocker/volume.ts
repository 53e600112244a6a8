import type { Command } from 'commander';
import type { Cli, VerbTable } from './cli.ts';
import { defineVerbs } from './define-verbs.ts';

const volumeVerbs: VerbTable = {
  create: { summary: 'Make a volume', load: () => import('./volume/create.ts') },
  inspect: { summary: 'Show everything about volumes', load: () => import('./volume/inspect.ts') },
  ls: { summary: 'List volumes', load: () => import('./volume/ls.ts'), aliases: ['list'] },
  protect: { summary: 'Refuse the removal of volumes', load: () => import('./volume/protect.ts') },
  prune: { summary: 'Remove volumes that no container uses', load: () => import('./volume/prune.ts') },
  rm: { summary: 'Remove volumes', load: () => import('./volume/rm.ts'), aliases: ['remove'] },
  trash: { summary: 'List, bring back or delete for good what was removed', load: () => import('./volume/trash.ts') },
  unprotect: { summary: 'Allow the removal of volumes again', load: () => import('./volume/unprotect.ts') },
};

export async function defineVerb(command: Command, cli: Cli, words: readonly string[]): Promise<void> {
  await defineVerbs(command, volumeVerbs, cli, words);
}
