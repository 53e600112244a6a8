import { Listr } from 'listr2';
import type { Plan } from '../model/plan.ts';
import { doneWord, doingWord, shownCause, subject } from './operation-words.ts';
import type { Progress, ProgressOptions } from './progress.ts';

interface Row {
  readonly begun: Promise<undefined>;
  readonly ended: Promise<undefined>;
  begin(): void;
  end(error?: Error): void;
}

function makeRow(): Row {
  const begun = Promise.withResolvers<undefined>();
  const ended = Promise.withResolvers<undefined>();
  ended.promise.catch(() => undefined);
  return {
    begun: begun.promise,
    ended: ended.promise,
    begin: () => {
      begun.resolve(undefined);
    },
    end: (error) => {
      begun.resolve(undefined);
      if (error === undefined) ended.resolve(undefined);
      else ended.reject(error);
    },
  };
}

/** One line an operation, in the plan's order; listr2 draws, the plan's events move it. */
export function listrProgress(plan: Plan, options: ProgressOptions): Progress {
  const rows = new Map(plan.operations.map(({ id }) => [id, makeRow()]));
  const tasks = plan.operations.map((operation) => {
    const cause = shownCause(operation);
    const head = `${options.dryRun ? 'DRY-RUN ' : ''}${subject(operation)}`;
    const tail = cause === '' ? '' : ` (${cause})`;
    return {
      title: `${head} ${doingWord(operation)}${tail}`,
      task: async (_: unknown, task: { title: string }): Promise<void> => {
        await rows.get(operation.id)?.ended;
        task.title = `${head} ${doneWord(operation)}${tail}`;
      },
    };
  });
  const list = new Listr(tasks, {
    concurrent: true,
    exitOnError: false,
    registerSignalListeners: false,
    rendererOptions: { showErrorMessage: false, collapseErrors: false },
  });
  const finished = list.run().catch(() => undefined);
  return {
    onEvent: (event) => {
      const row = rows.get(event.operation.id);
      if (event.type === 'begun') row?.begin();
      else if (event.type === 'done') row?.end();
      else row?.end(new Error(event.type === 'failed' ? 'failed' : `not begun: ${event.because}`));
    },
    finish: async () => {
      await finished;
    },
  };
}
