import type { ApplyEvent } from '../apply/apply-plan.ts';
import type { Operation, Plan } from '../model/plan.ts';
import { paint } from './colors.ts';
import { doingWord, doneWord, shownCause, subject, undoneWord } from './operation-words.ts';

/** Shorter work needs no time beside it, in milliseconds. */
const WORTH_TELLING = 1000;

/** What a row tells its task of the view. */
export interface RowTask {
  title: string;
  output: string;
  skip(): void;
}

/** A line of the view: what happens to one resource, or to all resources of a kind. */
export class ProgressRow {
  /** How far it is, in the words of the work itself. */
  amount = '';
  #current: Operation | undefined;
  #begunAt = 0;
  #endedAt: number | undefined;
  #cause = '';
  #ended = 0;
  #done = 0;
  #problem: 'failed' | 'skipped' | undefined;
  #task: RowTask | undefined;
  readonly #end = Promise.withResolvers<undefined>();

  /** `label` is undefined where the row stands for one resource. */
  constructor(
    private readonly members: readonly Operation[],
    private readonly label: string | undefined,
  ) {}

  /** All that was begun has ended. */
  get isIdle(): boolean {
    return this.#endedAt !== undefined;
  }

  /** The task lasts as long as the row has something to do, and fails with it. */
  async drive(task: RowTask): Promise<void> {
    this.#task = task;
    this.#showTitle();
    await this.#end.promise;
    if (this.#problem === 'failed') throw new Error('failed');
    if (this.#problem === 'skipped') task.skip();
  }

  /** Nothing more comes. */
  end(): void {
    this.#end.resolve(undefined);
  }

  onEvent({ type, operation }: ApplyEvent, now: number): void {
    if (type === 'begun') {
      if (this.#current === undefined) this.#begunAt = now;
      this.#endedAt = undefined;
    } else {
      this.#ended++;
      if (type === 'done') this.#done++;
      // The first problem is what there is to tell: what is skipped comes of it.
      else this.#problem ??= type;
      this.amount = '';
      this.say('');
      if (this.label === undefined || this.#ended === this.members.length) this.#endedAt = now;
    }
    if (this.#problem === undefined || type === this.#problem) this.#current = operation;
    const cause = shownCause(operation);
    if (cause !== '') this.#cause = cause;
    this.#showTitle();
    if (this.#ended === this.members.length) this.end();
  }

  /** A line of what the work says; an empty one takes back all of them. */
  say(line: string): void {
    if (this.#task !== undefined) this.#task.output = line;
  }

  /** A task without a title is not shown. */
  #showTitle(): void {
    if (this.#task !== undefined && this.#current !== undefined) this.#task.title = this.label ?? subject(this.#current);
  }

  /** What it is about, and what is to be told of it. */
  text(now: number, color: boolean): string {
    const operation = this.#current;
    if (operation === undefined) return '';
    const many = this.label === undefined ? '' : ` ${String(this.#done)}/${String(this.members.length)}`;
    const tail = [this.#cause === '' || this.label !== undefined ? '' : `(${this.#cause})`, this.amount, this.#time(now)].filter(
      (part) => part !== '',
    );
    const rest = tail.length === 0 ? '' : `  ${paint('dim', tail.join('  '), color)}`;
    return `${this.label ?? subject(operation)}  ${this.#word(operation, color)}${many}${rest}`;
  }

  #word(operation: Operation, color: boolean): string {
    if (this.#problem === 'failed') return paint('red', 'Error', color);
    if (this.#problem === 'skipped') return undoneWord(operation);
    return this.isIdle ? paint('green', doneWord(operation), color) : paint('cyan', doingWord(operation), color);
  }

  #time(now: number): string {
    const elapsed = (this.#endedAt ?? now) - this.#begunAt;
    return elapsed < WORTH_TELLING ? '' : `${(elapsed / 1000).toFixed(1)}s`;
  }
}

/** A row a resource, in the order of the plan; a row a kind of work where there are more resources than `limit`. */
export function progressRows({ operations }: Plan, limit: number): readonly (readonly [readonly Operation[], ProgressRow])[] {
  const byResource = [...Map.groupBy(operations, subject).values()].map((members) => [members, undefined] as const);
  const groups =
    byResource.length <= limit
      ? byResource
      : [...Map.groupBy(operations, ({ kind }) => kind).values()].map((members) => [members, pluralOf(members)] as const);
  return groups.map(([members, label]) => [members, new ProgressRow(members, label)] as const);
}

function pluralOf(members: readonly Operation[]): string | undefined {
  const [first] = members;
  return first === undefined || members.length === 1 ? undefined : `${subject(first).split(' ')[0] ?? ''}s`;
}
