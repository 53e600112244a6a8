import { MydockerError } from '../errors.ts';
import type { Operation, OperationKind, Plan } from '../model/plan.ts';
import { Slots } from '../util/slots.ts';

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
  const outcomes = new Map<string, Outcome>();

  const run = async (operation: Operation): Promise<Outcome> => {
    const missing =
      failed.length + skipped.length === 0 ? undefined : operation.needs.find((id) => (outcomes.get(id) ?? 'done') !== 'done');
    const release = operation.kind === 'wait-for' ? undefined : await slots.take();
    try {
      const because = missing ?? (options.signal?.aborted === true ? 'interrupted' : undefined);
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

  await inOrder(plan.operations, async (operation) => {
    outcomes.set(operation.id, await run(operation));
  });
  return { done, failed, skipped };
}

interface Waiting {
  readonly operation: Operation;
  /** How many of those before it have not ended. */
  before: number;
  readonly behind: Waiting[];
}

/**
 * Runs each operation when all it needs or comes after have ended; resolves when every one has. Edges are counted, not
 * awaited one by one: every start needs every creation, so that they grow with the square of the services.
 */
async function inOrder(operations: readonly Operation[], run: (operation: Operation) => Promise<void>): Promise<void> {
  const all = new Map<string, Waiting>(operations.map((operation) => [operation.id, { operation, before: 0, behind: [] }]));
  for (const waiting of all.values()) {
    for (const edges of [waiting.operation.needs, waiting.operation.after]) {
      for (const id of edges) {
        const earlier = all.get(id);
        if (earlier === undefined) continue;
        waiting.before++;
        earlier.behind.push(waiting);
      }
    }
  }
  const begin = async (waiting: Waiting): Promise<void> => {
    await run(waiting.operation);
    await Promise.all(waiting.behind.filter((later) => --later.before === 0).map(begin));
  };
  await Promise.all([...all.values()].filter(({ before }) => before === 0).map(begin));
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
