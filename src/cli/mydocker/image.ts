import type { Command } from 'commander';
import type { Cli, VerbTable } from './cli.ts';
import { defineVerbs } from './define-verbs.ts';

const imageVerbs: VerbTable = {
  history: { summary: 'Show the history of an image', load: () => import('./history.ts') },
  import: { summary: 'Make an image from the tar archive of a root file system', load: () => import('./import.ts') },
  inspect: { summary: 'Show everything about images', load: () => import('./image/inspect.ts') },
  load: { summary: 'Load images from an archive', load: () => import('./load.ts') },
  ls: { summary: 'List images', load: () => import('./images.ts'), aliases: ['list'] },
  prune: { summary: 'Remove unused images', load: () => import('./image/prune.ts') },
  pull: { summary: 'Download an image from a registry', load: () => import('./pull.ts') },
  push: { summary: 'Upload an image to a registry', load: () => import('./push.ts') },
  rm: { summary: 'Remove images', load: () => import('./rmi.ts'), aliases: ['remove'] },
  save: { summary: 'Save images to an archive', load: () => import('./save.ts') },
  tag: { summary: 'Give an image another name', load: () => import('./tag.ts') },
};

export async function defineVerb(command: Command, cli: Cli, words: readonly string[]): Promise<void> {
  await defineVerbs(command, imageVerbs, cli, words);
}
