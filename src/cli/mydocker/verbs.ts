import type { VerbTable } from './cli.ts';
import { containerVerbs } from './container-verbs.ts';

/** Every verb and where its code is; a module is loaded when its verb is called, so that start-up stays fast. */
export const verbs: VerbTable = {
  ...containerVerbs,
  container: { summary: 'Manage containers', load: () => import('./container.ts') },
  events: { summary: 'Show what happens', load: () => import('./events.ts') },
  history: { summary: 'Show the history of an image', load: () => import('./history.ts') },
  image: { summary: 'Manage images', load: () => import('./image.ts') },
  images: { summary: 'List images', load: () => import('./images.ts') },
  import: { summary: 'Make an image from the tar archive of a root file system', load: () => import('./import.ts') },
  info: { summary: 'Show what this host offers', load: () => import('./info.ts') },
  load: { summary: 'Load images from an archive', load: () => import('./load.ts') },
  login: { summary: 'Log in to a registry', load: () => import('./login.ts') },
  logout: { summary: 'Forget the login of a registry', load: () => import('./logout.ts') },
  network: { summary: 'Manage networks', load: () => import('./network.ts') },
  prune: { summary: 'Remove all stopped containers', load: () => import('./prune.ts') },
  pull: { summary: 'Download an image from a registry', load: () => import('./pull.ts') },
  push: { summary: 'Upload an image to a registry', load: () => import('./push.ts') },
  rmi: { summary: 'Remove images', load: () => import('./rmi.ts') },
  save: { summary: 'Save images to an archive', load: () => import('./save.ts') },
  system: { summary: 'Manage the whole', load: () => import('./system.ts') },
  tag: { summary: 'Give an image another name', load: () => import('./tag.ts') },
  version: { summary: 'Show the version', load: () => import('./version.ts') },
  build: { summary: 'Build an image from a Dockerfile', load: () => import('./build.ts') },
  volume: { summary: 'Manage volumes', load: () => import('./volume.ts') },
};
