import type { ApplyEvent } from '../apply/apply-plan.ts';
import type { Operation, Plan } from '../model/plan.ts';
import { paint } from './colors.ts';
import { doingWord, doneWord, shownCause, subject, undoneWord } from './operation-words.ts';

const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
/** Shorter work needs no time beside it, in milliseconds. */
const WORTH_TELLING = 1000;
const DETAILS = 5;

/** A line of the view: what happens to one resource, or to all resources of a kind. */
export class ProgressRow {
  /** The last lines of what the work says. */
  readonly details: string[] = [];
  /** How far it is, in the words of the work itself. */
  amount = '';
  #current: Operation | undefined;
  #begunAt = 0;
  #endedAt: number | undefined;
  #cause = '';
  #ended = 0;
  #done = 0;
  #problem: 'failed' | 'skipped' | undefined;

  /** `label` is undefined where the row stands for one resource. */
  constructor(
    private readonly members: readonly Operation[],
    private readonly label: string | undefined,
  ) {}

  get isBegun(): boolean {
    return this.#current !== undefined;
  }

  get isRunning(): boolean {
    return this.isBegun && this.#endedAt === undefined;
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
      this.details.length = 0;
      this.amount = '';
      if (this.label === undefined || this.#ended === this.members.length) this.#endedAt = now;
    }
    if (this.#problem === undefined || type === this.#problem) this.#current = operation;
    const cause = shownCause(operation);
    if (cause !== '') this.#cause = cause;
  }

  say(line: string): void {
    this.details.push(line);
    if (this.details.length > DETAILS) this.details.shift();
  }

  /** Parts of the line: a mark, what it is about, and what is to be told of it. */
  text(now: number, color: boolean, dryRun: boolean): string {
    const operation = this.#current;
    if (operation === undefined) return '';
    const [mark, word] = this.#markAndWord(operation, now, color);
    const many = this.label === undefined ? '' : ` ${String(this.#done)}/${String(this.members.length)}`;
    const tail = [this.#cause === '' || this.label !== undefined ? '' : `(${this.#cause})`, this.amount, this.#time(now)].filter(
      (part) => part !== '',
    );
    const rest = tail.length === 0 ? '' : `  ${paint('dim', tail.join('  '), color)}`;
    return `${dryRun ? 'DRY-RUN MODE - ' : ''} ${mark} ${this.label ?? subject(operation)}  ${word}${many}${rest}`;
  }

  #markAndWord(operation: Operation, now: number, color: boolean): readonly [string, string] {
    if (this.#problem === 'failed') return [paint('red', '✘', color), paint('red', 'Error', color)];
    if (this.#problem === 'skipped') return [paint('yellow', '-', color), undoneWord(operation)];
    if (this.isRunning)
      return [paint('cyan', FRAMES[Math.floor(now / 100) % FRAMES.length] ?? '', color), paint('cyan', doingWord(operation), color)];
    return [paint('green', '✔', color), paint('green', doneWord(operation), color)];
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
