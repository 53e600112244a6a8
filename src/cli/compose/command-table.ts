import type { DefineCommand } from './session/session.ts';

export interface CommandEntry {
  readonly summary: string;
  /** Imported only when this command is called: start-up is a feature. */
  readonly load: () => Promise<DefineCommand>;
  /** Shown in no help: called by scripts of our own, or known only to say that it is not supported. */
  readonly hidden?: true;
}

export const COMMANDS: Readonly<Record<string, CommandEntry>> = {
  alpha: { summary: 'Not supported', load: async () => (await import('./unsupported.ts')).defineUnsupported('alpha'), hidden: true },
  bridge: { summary: 'Not supported', load: async () => (await import('./unsupported.ts')).defineUnsupported('bridge'), hidden: true },
  publish: { summary: 'Not supported', load: async () => (await import('./unsupported.ts')).defineUnsupported('publish'), hidden: true },
  __complete: { summary: 'Complete a command line', load: async () => (await import('./complete.ts')).defineComplete, hidden: true },
  autostart: {
    summary: 'Bring containers with a restart policy back after a reboot',
    load: async () => (await import('./autostart.ts')).defineAutostart,
  },
  completion: { summary: 'Write a completion script for a shell', load: async () => (await import('./completion.ts')).defineCompletion },
  attach: {
    summary: 'Attach local standard input, output, and error streams to a running container of a service',
    load: async () => (await import('./attach.ts')).defineAttach,
  },
  build: { summary: 'Build or rebuild services', load: async () => (await import('./build.ts')).defineBuild },
  commit: {
    summary: 'Create a new image from the changes of a service container',
    load: async () => (await import('./commit.ts')).defineCommit,
  },
  config: {
    summary: 'Parse, resolve and render compose file in canonical format',
    load: async () => (await import('./config.ts')).defineConfig,
  },
  cp: {
    summary: 'Copy files/folders between a service container and the local filesystem',
    load: async () => (await import('./cp.ts')).defineCp,
  },
  create: { summary: 'Create containers for a service', load: async () => (await import('./create.ts')).defineCreate },
  doctor: {
    summary: 'Check whether this host can run containers, and say what to do',
    load: async () => (await import('./doctor.ts')).defineDoctor,
  },
  down: { summary: 'Stop and remove containers, networks', load: async () => (await import('./down.ts')).defineDown },
  events: { summary: 'Receive real time events from containers', load: async () => (await import('./events.ts')).defineEvents },
  exec: { summary: 'Execute a command in a running container', load: async () => (await import('./exec.ts')).defineExec },
  export: {
    summary: 'Export the filesystem of a service container as a tar archive',
    load: async () => (await import('./export.ts')).defineExport,
  },
  history: { summary: 'List the applied models of the project', load: async () => (await import('./history.ts')).defineHistory },
  images: { summary: 'List images used by the created containers', load: async () => (await import('./images.ts')).defineImages },
  kill: { summary: 'Force stop service containers', load: async () => (await import('./kill.ts')).defineKill },
  logs: { summary: 'View output from containers', load: async () => (await import('./logs.ts')).defineLogs },
  ls: { summary: 'List running compose projects', load: async () => (await import('./ls.ts')).defineLs },
  pause: { summary: 'Pause services', load: async () => (await import('./pause.ts')).definePause },
  plan: { summary: 'Show what `up` would do, and why', load: async () => (await import('./plan.ts')).definePlan },
  port: { summary: 'Print the public port for a port binding', load: async () => (await import('./port.ts')).definePort },
  ps: { summary: 'List containers', load: async () => (await import('./ps.ts')).definePs },
  pull: { summary: 'Pull service images', load: async () => (await import('./pull.ts')).definePull },
  push: { summary: 'Push service images', load: async () => (await import('./push.ts')).definePush },
  rename: { summary: 'Give the project another name, with all its volumes', load: async () => (await import('./rename.ts')).defineRename },
  restart: { summary: 'Restart service containers', load: async () => (await import('./restart.ts')).defineRestart },
  rm: { summary: 'Remove stopped service containers', load: async () => (await import('./rm.ts')).defineRm },
  rollback: { summary: 'Apply the model before the current one again', load: async () => (await import('./rollback.ts')).defineRollback },
  run: { summary: 'Run a one-off command on a service', load: async () => (await import('./run.ts')).defineRun },
  scale: { summary: 'Scale services', load: async () => (await import('./scale.ts')).defineScale },
  start: { summary: 'Start services', load: async () => (await import('./start.ts')).defineStart },
  stats: {
    summary: 'Display a live stream of container(s) resource usage statistics',
    load: async () => (await import('./stats.ts')).defineStats,
  },
  stop: { summary: 'Stop services', load: async () => (await import('./stop.ts')).defineStop },
  top: { summary: 'Display the running processes', load: async () => (await import('./top.ts')).defineTop },
  unpause: { summary: 'Unpause services', load: async () => (await import('./unpause.ts')).defineUnpause },
  up: { summary: 'Create and start containers', load: async () => (await import('./up.ts')).defineUp },
  version: { summary: 'Show the version information', load: async () => (await import('./version.ts')).defineVersion },
  watch: {
    summary: 'Watch build context for service and rebuild/refresh containers when files are updated',
    load: async () => (await import('./watch.ts')).defineWatch,
  },
  volumes: { summary: 'List volumes', load: async () => (await import('./volumes.ts')).defineVolumes },
  wait: { summary: 'Block until containers of all (or specified) services stop', load: async () => (await import('./wait.ts')).defineWait },
};
