import type { ApplyEvent } from '../apply/apply-plan.ts';
import type { Plan } from '../model/plan.ts';
import type { PullProgress } from '../model/runtime.ts';
import { paint } from './colors.ts';
import { doingWord, doneWord, isSlow, shownCause, subject } from './operation-words.ts';

export type ProgressMode = 'tty' | 'plain' | 'json' | 'quiet';

/** A view of a running plan; it never drives it. */
export interface Progress {
  onEvent(event: ApplyEvent): void;
  /** A line of what a service's build says. */
  onOutput(service: string, line: string): void;
  onPull(reference: string, progress: PullProgress): void;
  /** Resolves when everything is drawn. */
  finish(): Promise<void>;
}

export interface ProgressOptions {
  readonly mode: ProgressMode;
  readonly color: boolean;
  readonly dryRun: boolean;
  readonly write: (text: string) => void;
}

const SILENT: Progress = {
  onEvent: () => undefined,
  onOutput: () => undefined,
  onPull: () => undefined,
  finish: () => Promise.resolve(),
};

export async function openProgress(plan: Plan, options: ProgressOptions): Promise<Progress> {
  if (plan.operations.length === 0 || options.mode === 'quiet') return SILENT;
  if (options.mode === 'tty') {
    const { terminalProgress } = await import('./terminal-progress.ts');
    return terminalProgress(plan, options);
  }
  const line = options.mode === 'json' ? jsonLine : plainLine;
  return {
    ...SILENT,
    onEvent: (event) => {
      const text = line(event, options.dryRun);
      if (text !== undefined) options.write(`${text}\n`);
    },
    ...(options.mode === 'plain' ? { onOutput: (service, text) => options.write(`#${service} ${text}\n`) } : {}),
  };
}

function plainLine(event: ApplyEvent, dryRun: boolean): string | undefined {
  const { operation, type } = event;
  const head = `${dryRun ? 'DRY-RUN MODE - ' : ''} ${subject(operation)}`;
  const cause = shownCause(operation);
  const tail = cause === '' ? '' : ` (${cause})`;
  switch (type) {
    case 'begun':
      return isSlow(operation) && !dryRun ? `${head}  ${doingWord(operation)}${tail}` : undefined;
    case 'done':
      return `${head}  ${doneWord(operation)}${isSlow(operation) && !dryRun ? '' : tail}`;
    case 'failed':
      return `${head}  Error`;
    case 'skipped':
      return undefined;
  }
}

/** Docker Compose's keys, and `cause`. */
function jsonLine({ operation, type, ...rest }: ApplyEvent, dryRun: boolean): string {
  const status = { begun: doingWord(operation), done: doneWord(operation), failed: 'Error', skipped: 'Skipped' }[type];
  const error = 'error' in rest && rest.error instanceof Error ? { details: rest.error.message } : {};
  return JSON.stringify({
    ...(dryRun ? { 'dry-run': true } : {}),
    id: subject(operation),
    status,
    ...(operation.cause === '' ? {} : { cause: operation.cause }),
    ...error,
  });
}

/** What is as it should be, where there is nothing to do: a line each. */
export function unchangedText(names: readonly string[], { mode, color, dryRun }: Omit<ProgressOptions, 'write'>): string {
  if (mode === 'quiet') return '';
  const line = (name: string): string => {
    const subject = `Container ${name}`;
    if (mode === 'json') return JSON.stringify({ ...(dryRun ? { 'dry-run': true } : {}), id: subject, status: 'Running' });
    const head = `${dryRun ? 'DRY-RUN MODE - ' : ''} ${mode === 'tty' ? `${paint('green', '✔', color)} ` : ''}${subject}`;
    return `${head}  ${mode === 'tty' ? paint('green', 'Running', color) : 'Running'}`;
  };
  return names.map((name) => `${line(name)}\n`).join('');
}
