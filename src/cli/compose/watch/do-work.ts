import type { Container } from '../../../model/runtime.ts';
import { MydockerError } from '../../../errors.ts';
import { LABELS } from '../../../model/compose-labels.ts';
import { replicasOf } from '../../../plan/container-facts.ts';
import type { Desired } from '../../../plan/desired.ts';
import { planRestart } from '../../../plan/plan-containers.ts';
import { PLAIN_UP } from '../../../plan/up-request.ts';
import type { WatchRule, WatchWork } from '../../../plan/watch-rules.ts';
import { reportError } from '../../report-error.ts';
import { execute } from '../session/execute.ts';
import { inTurn } from '../session/in-turn.ts';
import { projectContainers } from '../session/observe.ts';
import { reconcile } from '../session/reconcile.ts';
import { selectContainers } from '../session/select-containers.ts';
import type { Session } from '../session/session.ts';
import { changedFiles } from './changed-files.ts';

/** A project that is watched. */
export interface WatchScope {
  readonly session: Session;
  readonly desired: Desired;
  readonly rules: readonly WatchRule[];
  readonly options: WatchOptions;
}

export interface WatchOptions {
  /** `up --scale`, which a rebuild keeps. */
  readonly scale?: Readonly<Record<string, number>>;
  /** Removes what a rebuild took the name of. */
  readonly prune?: boolean;
  /** Hide what builds print. */
  readonly quietBuild?: boolean;
  /** The terminal is not ours alone: what hooks print comes when they have ended. */
  readonly shared?: boolean;
}

/** Does what a batch of changes asks for: new images first, then files, then restarts, then hooks. What fails is reported. */
export async function doWork(scope: WatchScope, work: WatchWork, paths: readonly string[]): Promise<void> {
  if (work.rebuilds.length > 0) await attempt(() => rebuild(scope, work.rebuilds));
  for (const { service, paths: synced } of work.syncs) {
    say(`Syncing service "${service}" after ${String(synced.length)} changes were detected`);
    const rules = scope.rules.filter((rule) => rule.service === service && rule.trigger.action.startsWith('sync'));
    await attempt(() => syncService(scope, service, rules, paths));
  }
  if (work.restarts.length > 0) await attempt(() => restart(scope, work.restarts));
  for (const rule of work.hooks) await attempt(() => runHook(scope, rule));
}

async function attempt(use: () => Promise<void>): Promise<void> {
  try {
    await use();
  } catch (error) {
    reportError(error);
  }
}

async function rebuild({ session, desired, options }: WatchScope, services: readonly string[]): Promise<void> {
  say(`Rebuilding service(s) ${quoted(services)} after changes were detected...`);
  const request = {
    ...PLAIN_UP,
    services,
    noDeps: true,
    build: 'always' as const,
    recreate: 'force' as const,
    ...(options.scale === undefined ? {} : { scale: options.scale }),
  };
  await reconcile(session, desired, request, { adopt: false, plain: true, quietBuild: options.quietBuild === true });
  say(`service(s) ${quoted(services)} successfully built`);
  if (options.prune !== true) return;
  const { images } = await session.runtime();
  await images.prune({ all: false, matches: ({ config }) => config.labels[LABELS.project] === desired.project.name });
}

async function restart({ session, desired }: WatchScope, services: readonly string[]): Promise<void> {
  const target = { name: desired.project.name, desired };
  await inTurn(session, target, async (turn) => {
    const selection = await selectContainers(turn.runtime, target, [], { undeclared: true });
    await execute(session, turn, planRestart(selection, services, { noDeps: false }), { quiet: true });
  });
  say(`service(s) ${quoted(services)} restarted`);
}

const ATTEMPTS = 3;

/** Running or not, each container of the service gets the files; files that change meanwhile are looked at again. */
async function syncService(scope: WatchScope, service: string, rules: readonly WatchRule[], paths: readonly string[]): Promise<void> {
  const { files } = await scope.session.runtime();
  for (const { config } of await containersOf(scope, service)) {
    for (let attempts = 1; ; attempts++) {
      try {
        await files.sync(config.id, changedFiles(rules, paths));
        break;
      } catch (error) {
        if (attempts === ATTEMPTS || !(error instanceof MydockerError)) throw error;
      }
    }
  }
}

export async function containersOf({ session, desired }: WatchScope, service: string): Promise<readonly Container[]> {
  return replicasOf(await projectContainers(await session.runtime(), desired.project.name), service);
}

async function runHook(scope: WatchScope, { service, trigger: { exec: hook } }: WatchRule): Promise<void> {
  if (hook?.command === undefined) return;
  const runtime = await scope.session.runtime();
  const mode = scope.options.shared === true ? 'capture' : 'relay';
  for (const { config, state } of await containersOf(scope, service)) {
    if (state.status !== 'running') continue;
    const { exitCode, stdout, stderr } = await runtime.containers.exec(config.id, {
      args: hook.command,
      mode,
      env: Object.entries(hook.environment ?? {}).map(([key, value]) => `${key}=${value ?? ''}`),
      privileged: hook.privileged === true,
      ...(hook.user === undefined ? {} : { user: hook.user }),
      ...(hook.working_dir === undefined ? {} : { cwd: hook.working_dir }),
    });
    process.stdout.write(Buffer.concat([stdout, stderr]));
    if (exitCode !== 0)
      reportError(
        new MydockerError('runtime', `\`${hook.command.join(' ')}\` exited with status ${String(exitCode)}`, {
          resource: `container ${config.name}`,
        }),
      );
  }
}

/** As Docker Compose shows a list of names. */
function quoted(names: readonly string[]): string {
  return `[${names.map((name) => JSON.stringify(name)).join(' ')}]`;
}

export function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
