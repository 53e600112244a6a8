import type { VerbTable } from './cli.ts';

/** Every verb and where its code is; a module is loaded when its verb is called, so that start-up stays fast. */
export const verbs: VerbTable = {
  create: { summary: 'Make a container without starting it', load: () => import('./create.ts') },
  run: { summary: 'Make a container and run a command in it', load: () => import('./run.ts') },
  import: { summary: 'Make an image from the tar archive of a root file system', load: () => import('./import.ts') },
  history: { summary: 'Show the history of an image', load: () => import('./history.ts') },
  image: { summary: 'Manage images', load: () => import('./image.ts') },
  images: { summary: 'List images', load: () => import('./images.ts') },
  load: { summary: 'Load images from an archive', load: () => import('./load.ts') },
  rmi: { summary: 'Remove images', load: () => import('./rmi.ts') },
  save: { summary: 'Save images to an archive', load: () => import('./save.ts') },
  tag: { summary: 'Give an image another name', load: () => import('./tag.ts') },
  version: { summary: 'Show the version', load: () => import('./version.ts') },
};
