import type { DefineCommand } from './session/session.ts';

export interface CommandEntry {
  /** For the list of commands: short enough for a line of 80 columns. */
  readonly summary: string;
  /** Heading it stands under in that list. */
  readonly group?: string;
  /** Imported only when this command is called: start-up is a feature. */
  readonly load: () => Promise<DefineCommand>;
  /** Shown in no help: called by scripts of our own, or known only to say that it is not supported. */
  readonly hidden?: true;
}

function inGroup(group: string, entries: Readonly<Record<string, CommandEntry>>): Readonly<Record<string, CommandEntry>> {
  return Object.fromEntries(Object.entries(entries).map(([name, entry]) => [name, { ...entry, group }]));
}

/** In the order of the help. */
export const COMMANDS: Readonly<Record<string, CommandEntry>> = {
  ...inGroup('Services:', {
    up: { summary: 'Create and start containers', load: async () => (await import('./up.ts')).defineUp },
    down: { summary: 'Stop and remove containers, networks', load: async () => (await import('./down.ts')).defineDown },
    create: { summary: 'Create containers for a service', load: async () => (await import('./create.ts')).defineCreate },
    start: { summary: 'Start services', load: async () => (await import('./start.ts')).defineStart },
    stop: { summary: 'Stop services', load: async () => (await import('./stop.ts')).defineStop },
    restart: { summary: 'Restart service containers', load: async () => (await import('./restart.ts')).defineRestart },
    kill: { summary: 'Force stop service containers', load: async () => (await import('./kill.ts')).defineKill },
    rm: { summary: 'Remove stopped service containers', load: async () => (await import('./rm.ts')).defineRm },
    pause: { summary: 'Pause services', load: async () => (await import('./pause.ts')).definePause },
    unpause: { summary: 'Unpause services', load: async () => (await import('./unpause.ts')).defineUnpause },
    scale: { summary: 'Scale services', load: async () => (await import('./scale.ts')).defineScale },
    run: { summary: 'Run a one-off command on a service', load: async () => (await import('./run.ts')).defineRun },
    watch: {
      summary: 'Update containers when source files change',
      load: async () => (await import('./watch.ts')).defineWatch,
    },
    wait: { summary: 'Wait until containers of services stop', load: async () => (await import('./wait.ts')).defineWait },
    rename: {
      summary: 'Give the project another name, with all its volumes',
      load: async () => (await import('./rename.ts')).defineRename,
    },
  }),
  ...inGroup('What there is:', {
    ps: { summary: 'List containers', load: async () => (await import('./ps.ts')).definePs },
    ls: { summary: 'List running compose projects', load: async () => (await import('./ls.ts')).defineLs },
    logs: { summary: 'View output from containers', load: async () => (await import('./logs.ts')).defineLogs },
    events: { summary: 'Show what happens to containers, live', load: async () => (await import('./events.ts')).defineEvents },
    stats: {
      summary: 'Show what containers use, live',
      load: async () => (await import('./stats.ts')).defineStats,
    },
    top: { summary: 'Display the running processes', load: async () => (await import('./top.ts')).defineTop },
    port: { summary: 'Print the host port of a container port', load: async () => (await import('./port.ts')).definePort },
    images: { summary: 'List the images of the containers', load: async () => (await import('./images.ts')).defineImages },
    volumes: { summary: 'List volumes', load: async () => (await import('./volumes.ts')).defineVolumes },
    config: {
      summary: 'Check the files and print the resolved model',
      load: async () => (await import('./config.ts')).defineConfig,
    },
    version: { summary: 'Show the version information', load: async () => (await import('./version.ts')).defineVersion },
  }),
  ...inGroup('In and out of containers:', {
    exec: { summary: 'Execute a command in a running container', load: async () => (await import('./exec.ts')).defineExec },
    attach: {
      summary: 'Attach this terminal to a running container',
      load: async () => (await import('./attach.ts')).defineAttach,
    },
    cp: {
      summary: 'Copy files between a container and the host',
      load: async () => (await import('./cp.ts')).defineCp,
    },
    export: {
      summary: "Write a container's files as a tar archive",
      load: async () => (await import('./export.ts')).defineExport,
    },
    commit: {
      summary: "Make an image of a service's container",
      load: async () => (await import('./commit.ts')).defineCommit,
    },
  }),
  ...inGroup('Images:', {
    build: { summary: 'Build or rebuild services', load: async () => (await import('./build.ts')).defineBuild },
    pull: { summary: 'Pull service images', load: async () => (await import('./pull.ts')).definePull },
    push: { summary: 'Push service images', load: async () => (await import('./push.ts')).definePush },
    publish: { summary: 'Publish compose application', load: async () => (await import('./publish.ts')).definePublish },
  }),
  ...inGroup('Plans and what was applied:', {
    plan: { summary: 'Show what `up` would do, and why', load: async () => (await import('./plan.ts')).definePlan },
    history: { summary: 'List the applied models of the project', load: async () => (await import('./history.ts')).defineHistory },
    rollback: { summary: 'Apply the model before the current one again', load: async () => (await import('./rollback.ts')).defineRollback },
  }),
  ...inGroup('This host:', {
    doctor: {
      summary: 'Check whether this host can run containers',
      load: async () => (await import('./doctor.ts')).defineDoctor,
    },
    autostart: {
      summary: 'Bring containers back after a reboot',
      load: async () => (await import('./autostart.ts')).defineAutostart,
    },
    completion: { summary: 'Write a completion script for a shell', load: async () => (await import('./completion.ts')).defineCompletion },
  }),
  alpha: { summary: 'Not supported', load: async () => (await import('./unsupported.ts')).defineUnsupported('alpha'), hidden: true },
  bridge: { summary: 'Not supported', load: async () => (await import('./unsupported.ts')).defineUnsupported('bridge'), hidden: true },
  __complete: { summary: 'Complete a command line', load: async () => (await import('./complete.ts')).defineComplete, hidden: true },
};
