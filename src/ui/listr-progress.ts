import { Listr } from 'listr2';
import type { ApplyEvent } from '../apply/apply-plan.ts';
import type { Operation, Plan } from '../model/plan.ts';
import { doneWord, doingWord, shownCause, subject } from './operation-words.ts';
import type { Progress, ProgressOptions } from './progress.ts';

/** Lines of a terminal that are left to the shell. */
const MARGIN = 4;

/** One line an operation, or one a kind of operation where the screen is too small; the plan's events move it. */
export function listrProgress(plan: Plan, options: ProgressOptions): Progress {
  const screen = process.stderr.rows;
  const rows =
    plan.operations.length > screen - MARGIN
      ? [...Map.groupBy(plan.operations, ({ kind }) => kind).values()].map((members) => new Row(members, options))
      : plan.operations.map((operation) => new Row([operation], options));
  const byId = new Map(rows.flatMap((row) => row.members.map(({ id }) => [id, row] as const)));
  const tasks = rows.map((row) => ({
    title: row.title(),
    task: async (_: unknown, task: { title: string }): Promise<void> => {
      row.onTitle = (title) => {
        task.title = title;
      };
      await row.ended;
    },
  }));
  const list = new Listr(tasks, {
    concurrent: true,
    exitOnError: false,
    registerSignalListeners: false,
    rendererOptions: { showErrorMessage: false, collapseErrors: false },
  });
  const finished = list.run().catch(() => undefined);
  return {
    onEvent: (event) => {
      byId.get(event.operation.id)?.onEvent(event);
    },
    finish: async () => {
      await finished;
    },
  };
}

/** A line of the view: it ends when all of its operations have. */
class Row {
  readonly ended: Promise<undefined>;
  onTitle: (title: string) => void = () => undefined;
  readonly #settle = Promise.withResolvers<undefined>();
  #done = 0;
  #left: number;
  #problem: string | undefined;

  constructor(
    readonly members: readonly Operation[],
    private readonly options: ProgressOptions,
  ) {
    this.ended = this.#settle.promise;
    this.ended.catch(() => undefined);
    this.#left = members.length;
  }

  title(): string {
    const [first] = this.members;
    if (first === undefined) return '';
    const head = this.options.dryRun ? 'DRY-RUN ' : '';
    const word = this.#left === 0 && this.#problem === undefined ? doneWord(first) : doingWord(first);
    if (this.members.length > 1) {
      const [kind = ''] = subject(first).split(' ');
      return `${head}${kind}s ${word} ${String(this.#done)}/${String(this.members.length)}`;
    }
    const cause = shownCause(first);
    return `${head}${subject(first)} ${word}${cause === '' ? '' : ` (${cause})`}`;
  }

  onEvent(event: ApplyEvent): void {
    if (event.type === 'begun') return;
    this.#left--;
    if (event.type === 'done') this.#done++;
    else this.#problem ??= event.type === 'failed' ? 'failed' : `not begun: ${event.because}`;
    this.onTitle(this.title());
    if (this.#left > 0) return;
    if (this.#problem === undefined) this.#settle.resolve(undefined);
    else this.#settle.reject(new Error(this.#problem));
  }
}
