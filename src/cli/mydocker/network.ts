import type { Command } from 'commander';
import type { Cli, VerbTable } from './cli.ts';
import { defineVerbs } from './define-verbs.ts';

const networkVerbs: VerbTable = {
  connect: { summary: 'Put a container on a network', load: () => import('./network/connect.ts') },
  create: { summary: 'Make a network', load: () => import('./network/create.ts') },
  disconnect: { summary: 'Take a container off a network', load: () => import('./network/disconnect.ts') },
  inspect: { summary: 'Show everything about networks', load: () => import('./network/inspect.ts') },
  ls: { summary: 'List networks', load: () => import('./network/ls.ts'), aliases: ['list'] },
  prune: { summary: 'Remove networks that no container uses', load: () => import('./network/prune.ts') },
  rm: { summary: 'Remove networks', load: () => import('./network/rm.ts'), aliases: ['remove'] },
};

export async function defineVerb(command: Command, cli: Cli, words: readonly string[]): Promise<void> {
  await defineVerbs(command, networkVerbs, cli, words);
}
