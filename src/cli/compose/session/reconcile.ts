import type { Plan } from '../../../model/plan.ts';
import type { Runtime } from '../../../model/runtime.ts';
import { isAlive, isOneOff, serviceNameOf } from '../../../plan/container-facts.ts';
import type { Desired, Observed } from '../../../plan/desired.ts';
import { planUp } from '../../../plan/plan-up.ts';
import { withDependencies } from '../../../plan/service-order.ts';
import type { UpRequest } from '../../../plan/up-request.ts';
import { unchangedText } from '../../../ui/progress.ts';
import { writeErr } from '../../../util/stdio.ts';
import { checkDirectory } from './check-directory.ts';
import { checkNames } from './check-names.ts';
import { checkPorts } from './check-ports.ts';
import { checkSources } from './check-sources.ts';
import { execute, progressModeFor, type ExecuteOptions } from './execute.ts';
import { colorFor } from './globals.ts';
import { inTurn, outOfTurn, type Turn } from './in-turn.ts';
import { observe } from './observe.ts';
import { readRecorded, writeRecorded } from './record.ts';
import type { Session } from './session.ts';

export interface PlannedUp {
  readonly plan: Plan;
  readonly observed: Observed;
  readonly recorded: Awaited<ReturnType<typeof readRecorded>>;
}

/** Looks at what is there and plans what is to be done. */
export async function planReconcile(runtime: Runtime, desired: Desired, request: UpRequest, adopt: boolean): Promise<PlannedUp> {
  const [observed, recorded] = await Promise.all([observe(runtime, desired), readRecorded(runtime, desired.project.name)]);
  if (!adopt) await checkDirectory(runtime, desired, observed.containers);
  const plan = planUp(desired, recorded, observed, request);
  if (recorded.project !== undefined) return { plan, observed, recorded };
  const { formerNameWarnings } = await import('./former-names.ts');
  return { plan: { ...plan, warnings: [...(await formerNameWarnings(runtime, desired)), ...plan.warnings] }, observed, recorded };
}

export interface ReconcileOptions extends ExecuteOptions {
  readonly adopt: boolean;
  /** Another project's name: everything of it is carried over first. */
  readonly renameFrom?: string;
}

/** Plans and applies. */
export async function reconcile(session: Session, desired: Desired, request: UpRequest, options: ReconcileOptions): Promise<Plan> {
  const runtime = await session.runtime();
  if (options.renameFrom !== undefined) {
    const { planRenamed, renameProject } = await import('./rename-project.ts');
    if (session.globals.dryRun) {
      const plan = await planRenamed(runtime, desired, request, options.renameFrom);
      await execute(session, await outOfTurn(session), plan, options);
      return plan;
    }
    const timeout = request.timeout === undefined ? {} : { timeout: request.timeout };
    await renameProject(session, { from: options.renameFrom, to: desired.project.name }, { start: false, ...timeout });
  }
  const first = await planReconcile(runtime, desired, request, options.adopt);
  if (first.plan.operations.length === 0 || session.globals.dryRun) {
    await execute(session, await outOfTurn(session), first.plan, { ...options, desired });
    if (first.plan.operations.length === 0 && request.start) sayRunning(session, desired, request, first.observed, options);
    return first.plan;
  }
  const target = { name: desired.project.name, desired };
  return inTurn(session, target, (turn) => reconcileInTurn(session, turn, desired, request, options), options);
}

/** That nothing was to be done is worth a line for each container. */
function sayRunning(
  { globals }: Session,
  { project }: Desired,
  { services, noDeps }: UpRequest,
  { containers }: Observed,
  options: ReconcileOptions,
): void {
  const all = Object.keys(project.services);
  const wanted = services.length === 0 ? new Set(all) : noDeps ? new Set(services) : withDependencies(project.services, services);
  const names = containers
    .filter((one) => isAlive(one) && !isOneOff(one) && wanted.has(serviceNameOf(one)))
    .map(({ config }) => config.name);
  writeErr(unchangedText(names.sort(), { mode: progressModeFor(globals, options), color: colorFor(globals, 2), dryRun: globals.dryRun }));
}

/** Plans anew, since another command may have been at work until now, and records the model first, so that every hash can be explained later. */
export async function reconcileInTurn(
  session: Session,
  turn: Turn,
  desired: Desired,
  request: UpRequest,
  options: ReconcileOptions,
): Promise<Plan> {
  const { runtime } = turn;
  const { plan, observed, recorded } = await planWithImages(session, turn, desired, request, options);
  if (plan.operations.length > 0 && !session.globals.dryRun) {
    checkSources(desired, plan);
    await checkNames(runtime, observed, plan);
    await checkPorts(runtime, desired, observed, plan);
    await writeRecorded(runtime, desired, observed, recorded);
  }
  await execute(session, turn, plan, { ...options, desired });
  return plan;
}

/**
 * Pulls and builds come first: only when they are done is it known which containers have to be made anew.
 */
async function planWithImages(
  session: Session,
  turn: Turn,
  desired: Desired,
  request: UpRequest,
  options: ReconcileOptions,
): Promise<PlannedUp> {
  const first = await planReconcile(turn.runtime, desired, request, options.adopt);
  const operations = first.plan.operations.filter(({ kind }) => kind === 'build-image' || kind === 'pull-image');
  if (operations.length === 0 || session.globals.dryRun) return first;
  await execute(session, turn, { ...first.plan, operations, warnings: [] }, { ...options, desired });
  return planReconcile(turn.runtime, desired, { ...request, build: 'done' }, options.adopt);
}
