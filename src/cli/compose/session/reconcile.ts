import { existsSync } from 'node:fs';
import { MydockerError } from '../../../errors.ts';
import { LABELS } from '../../../model/compose-labels.ts';
import type { Plan } from '../../../model/plan.ts';
import type { Runtime } from '../../../model/runtime.ts';
import type { Desired, Observed } from '../../../plan/desired.ts';
import { planUp } from '../../../plan/plan-up.ts';
import type { UpRequest } from '../../../plan/up-request.ts';
import { writeErr } from '../../../util/stdio.ts';
import { checkPorts } from './check-ports.ts';
import { execute, type ExecuteOptions } from './execute.ts';
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
  if (!adopt) checkDirectory(desired, observed);
  return { plan: planUp(desired, recorded, observed, request), observed, recorded };
}

/** Plans and applies; records the model first, so that every hash can be explained later. */
export async function reconcile(
  session: Session,
  desired: Desired,
  request: UpRequest,
  options: { readonly adopt: boolean } & ExecuteOptions,
): Promise<Plan> {
  const runtime = await session.runtime();
  const first = await planReconcile(runtime, desired, request, options.adopt);
  if (first.plan.operations.length === 0 || session.globals.dryRun) {
    await execute(session, runtime, first.plan, { ...options, desired });
    return first.plan;
  }
  const unlock = await takeTurn(runtime, desired.project.name);
  try {
    // Another command may have been at work until now.
    const { plan, observed, recorded } = await planWithImages(session, runtime, desired, request, options);
    await checkPorts(runtime, desired, observed, plan);
    await writeRecorded(runtime, desired, observed, recorded);
    await execute(session, runtime, plan, { ...options, desired });
    return plan;
  } finally {
    unlock();
  }
}

const PATIENCE_MS = 1000;

async function takeTurn(runtime: Runtime, project: string): Promise<() => void> {
  const notice = setTimeout(() => {
    writeErr(`waiting for another command that changes project "${project}"\n`);
  }, PATIENCE_MS);
  try {
    return await runtime.projects.lock(project);
  } finally {
    clearTimeout(notice);
  }
}

/**
 * Pulls and builds come first: only when they are done is it known which containers have to be made anew.
 */
async function planWithImages(
  session: Session,
  runtime: Runtime,
  desired: Desired,
  request: UpRequest,
  options: { readonly adopt: boolean } & ExecuteOptions,
): Promise<PlannedUp> {
  const first = await planReconcile(runtime, desired, request, options.adopt);
  const operations = first.plan.operations.filter(({ kind }) => kind === 'build-image' || kind === 'pull-image');
  if (operations.length === 0) return first;
  await execute(session, runtime, { ...first.plan, operations, warnings: [] }, { ...options, desired });
  return planReconcile(runtime, desired, { ...request, build: 'done' }, options.adopt);
}

/** Two projects of one name from different directories would take each other's containers away. */
function checkDirectory(desired: Desired, observed: Observed): void {
  for (const { config } of observed.containers) {
    const other = config.labels[LABELS.workingDir];
    const files = (config.labels[LABELS.configFiles] ?? '').split(',');
    if (other === undefined || other === desired.workingDir || files.some((file) => desired.configFiles.includes(file))) continue;
    if (!files.some((file) => file !== '' && existsSync(file))) continue;
    throw new MydockerError(
      'conflict',
      `project "${desired.project.name}" is already in use from ${other}; this one is in ${desired.workingDir}`,
      {
        hint: 'choose another name with -p, or take the project over with --adopt',
      },
    );
  }
}
