import { applyPlan, throwFailures, type ApplyEvent, type ApplyResult, type Handlers } from '../../../apply/apply-plan.ts';
import type { ApplyContext, BuildOverrides } from '../../../apply/apply-context.ts';
import type { Plan } from '../../../model/plan.ts';
import type { Desired } from '../../../plan/desired.ts';
import { openProgress, type ProgressMode } from '../../../ui/progress.ts';
import { writeErr } from '../../../util/stdio.ts';
import { colorFor } from './globals.ts';
import type { Turn } from './in-turn.ts';
import { warn, type Session } from './session.ts';

export interface ExecuteOptions {
  readonly desired?: Desired;
  readonly signal?: AbortSignal;
  /** Say nothing but errors. */
  readonly quiet?: boolean;
  /** Lines in place of a drawn view: something else is drawn on the terminal. */
  readonly plain?: boolean;
  /** Do not show what builds say, or how far pulls are. */
  readonly quietBuild?: boolean;
  readonly quietPull?: boolean;
  readonly build?: BuildOverrides;
  readonly onEvent?: (event: ApplyEvent) => void;
  readonly hookSaid?: ApplyContext['hookSaid'];
}

export function progressModeFor({ progress }: Session['globals'], { quiet, plain }: Pick<ExecuteOptions, 'quiet' | 'plain'>): ProgressMode {
  if (quiet === true) return 'quiet';
  return plain === true && progress === 'tty' ? 'plain' : progress;
}

/** Prints the plan's warnings, executes it with a view of it on stderr, and throws what failed. */
export async function execute(session: Session, { runtime }: Turn, plan: Plan, options: ExecuteOptions = {}): Promise<ApplyResult> {
  const { globals } = session;
  plan.warnings.forEach(warn);
  if (plan.operations.length === 0) return { done: [], failed: [], skipped: [] };
  const progress = await openProgress(plan, {
    mode: progressModeFor(globals, options),
    color: colorFor(globals, 2),
    dryRun: globals.dryRun,
    write: (text) => writeErr(text),
  });
  const context: ApplyContext = {
    runtime,
    projectName: plan.project,
    made: new Map(),
    warn,
    ...(options.quietBuild === true ? {} : { say: (service, line) => progress.onOutput(service, line) }),
    ...(options.quietPull === true ? {} : { onPull: (reference, pull) => progress.onPull(reference, pull) }),
    ...(options.hookSaid === undefined ? {} : { hookSaid: options.hookSaid }),
    ...(options.build === undefined ? {} : { build: options.build }),
    ...(options.desired === undefined ? {} : { desired: options.desired }),
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  };
  const result = await applyPlan(plan, await handlersFor(session, context), {
    parallel: globals.parallel,
    onEvent: (event) => {
      progress.onEvent(event);
      options.onEvent?.(event);
    },
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  });
  await progress.finish();
  warnOfTolerated(result);
  throwFailures(result);
  return result;
}

async function handlersFor(session: Session, context: ApplyContext): Promise<Handlers> {
  if (session.globals.dryRun) return (await import('../../../apply/dry-run.ts')).DRY_RUN_HANDLERS;
  return (await import('../../../apply/live-handlers.ts')).liveHandlers(context);
}

function warnOfTolerated({ failed }: ApplyResult): void {
  for (const { operation, error } of failed) {
    if (operation.kind === 'wait-for' && operation.optional && error instanceof Error) warn(`optional dependency: ${error.message}`);
  }
}
