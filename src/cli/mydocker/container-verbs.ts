import type { VerbTable } from './cli.ts';

/** What can be done with containers: directly, and below `mydocker container`. */
export const containerVerbs: VerbTable = {
  attach: { summary: 'Attach to a running container', load: () => import('./attach.ts') },
  commit: { summary: "Make an image from a container's changes", load: () => import('./commit.ts') },
  cp: { summary: 'Copy files between a container and the host', load: () => import('./cp.ts') },
  create: { summary: 'Make a container without starting it', load: () => import('./create.ts') },
  diff: { summary: 'List what a container changed in its file system', load: () => import('./diff.ts') },
  exec: { summary: 'Run a command in a running container', load: () => import('./exec.ts') },
  export: { summary: "Write a container's file system as a tar archive", load: () => import('./export.ts') },
  inspect: { summary: 'Show everything about containers, images or volumes', load: () => import('./inspect.ts') },
  kill: { summary: 'Kill containers', load: () => import('./kill.ts') },
  logs: { summary: 'Show what a container wrote', load: () => import('./logs.ts') },
  pause: { summary: 'Pause containers', load: () => import('./pause.ts') },
  port: { summary: 'Show where the ports of a container are published', load: () => import('./port.ts') },
  ps: { summary: 'List containers', load: () => import('./ps.ts'), aliases: ['ls', 'list'] },
  rename: { summary: 'Rename a container', load: () => import('./rename.ts') },
  restart: { summary: 'Restart containers', load: () => import('./restart.ts') },
  rm: { summary: 'Remove containers', load: () => import('./rm.ts'), aliases: ['remove'] },
  run: { summary: 'Make a container and run a command in it', load: () => import('./run.ts') },
  start: { summary: 'Start stopped containers', load: () => import('./start.ts') },
  stats: { summary: 'Show what containers use', load: () => import('./stats.ts') },
  stop: { summary: 'Stop containers', load: () => import('./stop.ts') },
  top: { summary: 'Show the processes of a container', load: () => import('./top.ts') },
  unpause: { summary: 'Let paused containers go on', load: () => import('./unpause.ts') },
  update: { summary: 'Change limits or the restart policy', load: () => import('./update.ts') },
  wait: { summary: 'Wait for containers to end and print their exit codes', load: () => import('./wait.ts') },
};
