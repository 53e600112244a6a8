import { MydockerError } from '../errors.ts';
import type { Operation, OperationKind, Plan } from '../model/plan.ts';

/** One handler for every kind of operation: a new operation without one does not compile. */
export type Handlers = { readonly [K in OperationKind]: (operation: Extract<Operation, { kind: K }>) => Promise<void> };

export type ApplyEvent =
  | { readonly type: 'begun'; readonly operation: Operation }
  | { readonly type: 'done'; readonly operation: Operation }
  | { readonly type: 'failed'; readonly operation: Operation; readonly error: unknown }
  /** An operation it needs failed, or the user interrupted. */
  | { readonly type: 'skipped'; readonly operation: Operation; readonly because: string };

export interface ApplyOptions {
  /** At most so many operations at once; waiting for a condition does not count. */
  readonly parallel: number;
  readonly onEvent: (event: ApplyEvent) => void;
  /** Nothing new is begun once it is aborted; what is under way ends. */
  readonly signal?: AbortSignal;
}

export interface ApplyResult {
  readonly done: readonly Operation[];
  readonly failed: readonly { readonly operation: Operation; readonly error: unknown }[];
  readonly skipped: readonly Operation[];
}

type Outcome = 'done' | 'failed' | 'skipped';

/** Executes a plan: everything that is ready at once, bounded; a failure holds back only what needs it. */
export async function applyPlan(plan: Plan, handlers: Handlers, options: ApplyOptions): Promise<ApplyResult> {
  const done: Operation[] = [];
  const failed: { operation: Operation; error: unknown }[] = [];
  const skipped: Operation[] = [];
  const slots = new Slots(options.parallel);
  const outcomes = new Map<string, Promise<Outcome>>();

  const run = async (operation: Operation): Promise<Outcome> => {
    const before = operation.needs.map(async (id) => [id, await outcomes.get(id)] as const);
    for (const id of operation.after) await outcomes.get(id);
    const missing = (await Promise.all(before)).find(([, outcome]) => outcome !== undefined && outcome !== 'done');
    const release = operation.kind === 'wait-for' ? undefined : await slots.take();
    try {
      const because = missing?.[0] ?? (options.signal?.aborted === true ? 'interrupted' : undefined);
      if (because !== undefined) {
        skipped.push(operation);
        options.onEvent({ type: 'skipped', operation, because });
        return 'skipped';
      }
      options.onEvent({ type: 'begun', operation });
      await dispatch(handlers, operation);
      done.push(operation);
      options.onEvent({ type: 'done', operation });
      return 'done';
    } catch (error) {
      failed.push({ operation, error });
      options.onEvent({ type: 'failed', operation, error });
      return 'failed';
    } finally {
      release?.();
    }
  };

  for (const operation of plan.operations) outcomes.set(operation.id, run(operation));
  await Promise.all(outcomes.values());
  return { done, failed, skipped };
}

function dispatch(handlers: Handlers, operation: Operation): Promise<void> {
  const handler = handlers[operation.kind] as (operation: Operation) => Promise<void>;
  return handler(operation);
}

/** One error for all that failed; nothing when nothing did. Failures of optional operations are left out. */
export function throwFailures({ failed }: ApplyResult): void {
  const problems = failed.filter(({ operation }) => !isOptional(operation)).map(({ operation, error }) => asProblem(operation, error));
  const [first] = problems;
  if (first === undefined) return;
  if (problems.length === 1) throw first;
  throw new MydockerError('several', `${String(problems.length)} operations failed`, { problems });
}

function isOptional(operation: Operation): boolean {
  return operation.kind === 'wait-for' && operation.optional;
}

function asProblem(operation: Operation, error: unknown): MydockerError {
  if (!(error instanceof MydockerError)) throw error;
  if (error.resource !== undefined || operation.kind === 'wait-for') return error;
  return new MydockerError(error.code, error.message, {
    resource: operation.resource,
    cause: error,
    ...(error.hint === undefined ? {} : { hint: error.hint }),
    ...(error.position === undefined ? {} : { position: error.position }),
  });
}

class Slots {
  readonly #waiting: (() => void)[] = [];
  #free: number;

  constructor(count: number) {
    this.#free = count;
  }

  /** Resolves with the function that gives the slot back. */
  async take(): Promise<() => void> {
    if (this.#free > 0) this.#free--;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    return () => {
      const next = this.#waiting.shift();
      if (next === undefined) this.#free++;
      else next();
    };
  }
}
