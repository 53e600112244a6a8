import type { VerbTable } from './cli.ts';

/** Every verb and where its code is; a module is loaded when its verb is called, so that start-up stays fast. */
export const verbs: VerbTable = {
  create: { summary: 'Make a container without starting it', load: () => import('./create.ts') },
  run: { summary: 'Make a container and run a command in it', load: () => import('./run.ts') },
  import: { summary: 'Make an image from the tar archive of a root file system', load: () => import('./import.ts') },
  version: { summary: 'Show the version', load: () => import('./version.ts') },
};
