import { Option, type Command } from 'commander';
import { MydockerError } from '../../errors.ts';
import type { Desired } from '../../plan/desired.ts';
import type { UpRequest } from '../../plan/up-request.ts';
import { withDependencies } from '../../plan/service-order.ts';
import { isTerminal } from '../../util/stdio.ts';
import { truthy } from '../../util/truthy.ts';
import { collect, colorFor } from './session/globals.ts';
import { loadWithBases } from './session/load-desired.ts';
import { reconcile } from './session/reconcile.ts';
import type { Session } from './session/session.ts';
import {
  defineReconcileOptions,
  defineUpOnlyOptions,
  exclusive,
  quietParts,
  upRequest,
  type ReconcileOptions,
} from './session/up-options.ts';
import { wholeNumber } from './session/values.ts';

interface UpOptions extends ReconcileOptions {
  readonly abortOnContainerExit?: boolean;
  readonly abortOnContainerFailure?: boolean;
  /** A list for --attach, false for nothing. */
  readonly attach?: readonly string[];
  readonly noAttach?: readonly string[];
  readonly attachDependencies?: boolean;
  readonly detach?: boolean;
  readonly exitCodeFrom?: string;
  readonly color: boolean;
  readonly logPrefix: boolean;
  readonly menu?: boolean;
  readonly start: boolean;
  readonly timestamps?: boolean;
  readonly wait?: boolean;
  readonly waitTimeout?: number;
  readonly watch?: boolean;
}

export function defineUp(command: Command, session: Session): void {
  command.argument('[services...]');
  defineReconcileOptions(command);
  defineUpOnlyOptions(command);
  command
    .option('-d, --detach', 'Detached mode: Run containers in the background')
    .option('--no-start', "Don't start the services after creating them")
    .option('--abort-on-container-exit', 'Stop all containers if any container was stopped')
    .option('--abort-on-container-failure', 'Stop all containers if any container exited with failure')
    .option('--exit-code-from <service>', 'Return the exit code of the selected service container; implies --abort-on-container-exit')
    .option('--attach <service>', 'Restrict attaching to the specified services (repeatable)', collect)
    .option('--attach-dependencies', 'Automatically attach to log output of dependent services')
    .option('--no-color', 'Produce monochrome output')
    .option('--no-log-prefix', "Don't print prefix in logs")
    .option('--timestamps', 'Show timestamps')
    .option('-w, --watch', 'Watch source code and rebuild/refresh containers when files are updated')
    .option('--menu', 'Offer shortcuts below the logs on a terminal (default; --menu=false or COMPOSE_MENU=0 turn it off)')
    .addOption(new Option('--no-menu').hideHelp())
    .option('--wait', 'Wait for services to be running|healthy. Implies detached mode.')
    .option('--wait-timeout <seconds>', 'Maximum duration in seconds to wait for the project to be running|healthy', wholeNumber);
  addNoAttach(command);
  command
    .addHelpText('after', '\nExample:\n  mydocker-compose up -d --wait')
    .action((services: readonly string[], options: UpOptions) => runUp(session, services, options));
}

/** commander reads `--no-attach` as the negation of `--attach`; here it is an option of its own with a value. */
function addNoAttach(command: Command): void {
  const option = command
    .createOption('--no-attach <service>', 'Do not attach (stream logs) to the specified services (repeatable)')
    .argParser(collect);
  option.negate = false;
  option.attributeName = () => 'noAttach';
  command.addOption(option);
}

async function runUp(session: Session, services: readonly string[], options: UpOptions): Promise<void> {
  checkExclusions(options);
  const desired = await loadWithBases(session.globals, services);
  checkNamedServices(desired, [
    ...(options.attach ?? []),
    ...(options.noAttach ?? []),
    ...(options.exitCodeFrom === undefined ? [] : [options.exitCodeFrom]),
  ]);
  const request = { ...upRequest(services, options), start: options.start };
  const adopt = options.adopt === true;
  if (Object.keys(desired.project.services).length === 0) {
    throw new MydockerError('usage', 'no service selected', { hint: 'define one, or switch its profile on with --profile' });
  }
  const renameFrom = options.renameFrom === undefined ? {} : { renameFrom: options.renameFrom };
  if (options.detach === true || options.wait === true || !options.start) {
    await reconcile(session, desired, request, { adopt, ...renameFrom, ...quietParts(options) });
    if (options.wait === true && !session.globals.dryRun) {
      const { waitUntilReady } = await import('./session/wait-until-ready.ts');
      const names = services.length > 0 ? [...withDependencies(desired.project.services, services)] : Object.keys(desired.project.services);
      await waitUntilReady(await session.runtime(), desired.project.name, names, options.waitTimeout);
    }
    return;
  }
  const { attachedUp } = await import('./session/attached-up.ts');
  const watched = new Set(services.length > 0 ? services : Object.keys(desired.project.services));
  await attachedUp(session, desired, request, {
    adopt,
    ...quietParts(options),
    ...renameFrom,
    watched,
    shown: shownServices(desired, watched, services, options),
    style: {
      prefix: options.logPrefix,
      timestamps: options.timestamps === true,
      color: options.color && colorFor(session.globals, 1),
    },
    abort:
      options.abortOnContainerExit === true || options.exitCodeFrom !== undefined
        ? 'on-exit'
        : options.abortOnContainerFailure === true
          ? 'on-failure'
          : 'never',
    ...(options.exitCodeFrom === undefined ? {} : { exitCodeFrom: options.exitCodeFrom }),
    ...(await watcher(session, desired, request, options.watch === true)),
    watchAtOnce: options.watch === true,
    menu: wantsMenu(session, options),
    ...(options.timeout === undefined ? {} : { timeout: options.timeout }),
  });
}

/** Rules are checked before anything starts; that there are none matters only to who asked for the watch. */
async function watcher(
  session: Session,
  desired: Desired,
  { services, scale }: UpRequest,
  required: boolean,
): Promise<{ readonly watch?: (signal: AbortSignal) => Promise<void> }> {
  const names = services.length > 0 ? services : Object.keys(desired.project.services);
  if (!required && !names.some((name) => desired.project.services[name]?.develop?.watch !== undefined)) return {};
  const { watchProject, watchRules } = await import('./watch/watch-project.ts');
  const rules = watchRules(desired, services);
  return { watch: (signal) => watchProject(session, desired, rules, { signal, scale, shared: true }) };
}

/** It is drawn with control sequences: not where those are unwanted or make no sense. */
function wantsMenu({ globals }: Session, { menu }: UpOptions): boolean {
  if (!isTerminal(0) || !isTerminal(1) || globals.ansi === 'never' || process.env['TERM'] === 'dumb') return false;
  const { COMPOSE_MENU: wish } = process.env;
  return menu ?? (wish === undefined || truthy(wish));
}

/** `attach: false` hides the output of a service that is not asked for by name. */
function shownServices(
  { project }: Desired,
  watched: ReadonlySet<string>,
  named: readonly string[],
  options: UpOptions,
): ReadonlySet<string> {
  const base = options.attach ?? (options.attachDependencies === true ? withDependencies(project.services, [...watched]) : watched);
  const hidden = new Set(options.noAttach ?? []);
  const asked = new Set([...(options.attach ?? []), ...named]);
  return new Set([...base].filter((name) => !hidden.has(name) && (asked.has(name) || project.services[name]?.attach !== false)));
}

function checkNamedServices({ project }: Desired, names: readonly string[]): void {
  const unknown = names.find((name) => project.services[name] === undefined);
  if (unknown !== undefined) throw new MydockerError('not-found', `no such service: ${unknown}`);
}

function checkExclusions(options: UpOptions): void {
  const attachedOnly = [
    ['--abort-on-container-exit', options.abortOnContainerExit],
    ['--abort-on-container-failure', options.abortOnContainerFailure],
    ['--exit-code-from', options.exitCodeFrom],
    ['--attach', options.attach],
    ['--attach-dependencies', options.attachDependencies],
    ['--watch', options.watch],
  ] as const;
  const background = options.detach === true ? '--detach' : options.wait === true ? '--wait' : undefined;
  const offending = attachedOnly.find(([, value]) => value !== undefined)?.[0];
  if (background !== undefined && offending !== undefined) throw exclusive(background, offending);
  if (options.abortOnContainerExit === true && options.abortOnContainerFailure === true)
    throw exclusive('--abort-on-container-exit', '--abort-on-container-failure');
  if (options.attach !== undefined && options.attachDependencies === true) throw exclusive('--attach', '--attach-dependencies');
}
