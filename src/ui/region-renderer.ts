import { ListrTaskEventType, type ListrRenderer, type ListrTaskObject } from 'listr2';
import { paint } from './colors.ts';
import { cutToWidth } from './cut-to-width.ts';
import { nobodyMinds } from '../util/interrupted.ts';
import { LiveRegion } from './live-region.ts';

const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const FRAME_MS = 100;
/** Lines of a task's output that are shown below it. */
const DETAILS = 5;

type Task = ListrTaskObject<unknown, typeof RegionRenderer, typeof RegionRenderer>;

export interface RegionRendererOptions {
  readonly color: boolean;
  readonly prefix: string;
  readonly write: (text: string) => void;
}

export interface RegionTaskOptions {
  /** What there is to tell now, without the mark before it. */
  readonly text: () => string;
  /** It has done all it can for now, and goes on later. */
  readonly isIdle: () => boolean;
}

/** Draws the tasks of a listr2 list in a live region, so that logs and messages can be printed above; at the end they are printed. */
export class RegionRenderer implements ListrRenderer {
  static readonly nonTTY = true;
  declare static rendererOptions: RegionRendererOptions;
  declare static rendererTaskOptions: RegionTaskOptions;

  readonly #region = new LiveRegion(2, (columns, rows) => this.#lines(columns, rows));
  readonly #details = new Map<string, string[]>();
  #timer: NodeJS.Timeout | undefined;
  #leave: () => void = () => undefined;

  constructor(
    private readonly tasks: Task[],
    private readonly options: RegionRendererOptions,
  ) {}

  render(): void {
    for (const task of this.tasks) {
      task.on(ListrTaskEventType.OUTPUT, (output) => {
        const details = this.#details.get(task.id) ?? [];
        this.#details.set(task.id, output === '' ? [] : [...details, output].slice(-DETAILS));
      });
    }
    this.#leave = leaveTerminalInOrder(this.#region);
    // What is over within a frame is only printed at the end.
    this.#timer = setInterval(() => {
      this.#region.show();
      this.#region.redraw();
    }, FRAME_MS);
  }

  end(): void {
    clearInterval(this.#timer);
    this.#leave();
    this.#region.hide();
    for (const task of this.#shown()) this.options.write(`${this.#line(task)}\n`);
  }

  /** Without a title, a task has not begun. */
  #shown(): readonly Task[] {
    return this.tasks.filter(({ title }) => title !== undefined && title !== '');
  }

  #lines(columns: number, rows: number): readonly string[] {
    const shown = this.#shown();
    let room = rows - 1 - shown.length;
    return shown
      .flatMap((task) => {
        const details = task.isStarted() ? (this.#details.get(task.id) ?? []) : [];
        const last = details.slice(details.length - Math.max(0, Math.min(room, details.length)));
        room -= last.length;
        return [this.#line(task), ...last.map((text) => paint('dim', `     ${text}`, this.options.color))];
      })
      .slice(0, Math.max(1, rows - 1))
      .map((text) => cutToWidth(text, columns));
  }

  #line(task: Task): string {
    return `${this.options.prefix} ${this.#mark(task)} ${optionsOf(task).text()}`;
  }

  #mark(task: Task): string {
    const { color } = this.options;
    if (task.hasFailed()) return paint('red', '✘', color);
    if (task.isSkipped()) return paint('yellow', '-', color);
    if (task.isCompleted() || optionsOf(task).isIdle()) return paint('green', '✔', color);
    return paint('cyan', FRAMES[Math.floor(Date.now() / FRAME_MS) % FRAMES.length] ?? '', color);
  }
}

function optionsOf(task: Task): RegionTaskOptions {
  return task.rendererTaskOptions;
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** A signal that ends the process finds the cursor amid our lines: they are taken away first. Returns how to stop minding. */
function leaveTerminalInOrder(region: LiveRegion): () => void {
  const onSignal = (signal: NodeJS.Signals): void => {
    region.hide();
    stop();
    // Another listener means that the command goes on and ends in its own way.
    if (nobodyMinds(signal)) process.kill(process.pid, signal);
  };
  // The next frame, after the process was continued, draws it again.
  const onSuspend = (): void => {
    region.hide();
    process.kill(process.pid, 'SIGSTOP');
  };
  const stop = (): void => {
    process.off('SIGTSTP', onSuspend);
    for (const signal of SIGNALS) process.off(signal, onSignal);
  };
  process.on('SIGTSTP', onSuspend);
  for (const signal of SIGNALS) process.on(signal, onSignal);
  return stop;
}
