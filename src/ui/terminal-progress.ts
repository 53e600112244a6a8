import { humanSize } from './human.ts';
import { paint } from './colors.ts';
import { cutToWidth } from './cut-to-width.ts';
import { LiveRegion } from './live-region.ts';
import { progressRows, type ProgressRow } from './progress-row.ts';
import type { Plan } from '../model/plan.ts';
import type { PullProgress } from '../model/runtime.ts';
import type { Progress, ProgressOptions } from './progress.ts';

const FRAME_MS = 100;
/** Rows of the terminal that are left to what was there before. */
const MARGIN = 3;

/** The rows of a plan, drawn anew as its events come; what is over quickly is only printed once. */
export function terminalProgress(plan: Plan, options: ProgressOptions): Progress {
  const groups = progressRows(plan, process.stderr.rows - MARGIN);
  const rows = groups.map(([, row]) => row);
  const byId = new Map(groups.flatMap(([members, row]) => members.map(({ id }) => [id, row] as const)));
  const byService = rowsOf(groups, 'build-image', 'service');
  const byReference = rowsOf(groups, 'pull-image', 'reference');
  const pulls = new Map<string, Map<string, PullProgress>>();
  const line = (row: ProgressRow): string => row.text(Date.now(), options.color, options.dryRun);
  const region = new LiveRegion(2, (columns, height) => {
    const shown = rows.filter(({ isBegun }) => isBegun);
    let room = height - 1 - shown.length;
    return shown
      .flatMap((row) => {
        const details = row.details.slice(row.details.length - Math.max(0, Math.min(room, row.details.length)));
        room -= details.length;
        return [line(row), ...details.map((text) => paint('dim', `     ${printable(text)}`, options.color))];
      })
      .slice(0, Math.max(1, height - 1))
      .map((text) => cutToWidth(text, columns));
  });
  const leave = leaveTerminalInOrder(region);
  const timer = setInterval(() => {
    region.show();
    region.redraw();
  }, FRAME_MS);
  return {
    onEvent: (event) => byId.get(event.operation.id)?.onEvent(event, Date.now()),
    onOutput: (service, text) => byService.get(service)?.say(text),
    onPull: (reference, progress) => {
      const row = byReference.get(reference);
      if (row === undefined || progress.kind !== 'layer') return;
      const layers = pulls.get(reference) ?? new Map<string, PullProgress>();
      pulls.set(reference, layers.set(progress.layer, progress));
      row.amount = amountOf([...layers.values()]);
    },
    finish: () => {
      clearInterval(timer);
      leave();
      region.hide();
      for (const row of rows) if (row.isBegun) options.write(`${line(row)}\n`);
      return Promise.resolve();
    },
  };
}

function rowsOf<K extends 'build-image' | 'pull-image'>(
  groups: ReturnType<typeof progressRows>,
  kind: K,
  key: K extends 'build-image' ? 'service' : 'reference',
): ReadonlyMap<string, ProgressRow> {
  return new Map(
    groups.flatMap(([members, row]) =>
      members.flatMap((operation) =>
        operation.kind === kind && members.length === 1
          ? [[(operation as unknown as Record<string, string>)[key] ?? '', row] as const]
          : [],
      ),
    ),
  );
}

/** `12.3MB / 25.6MB` of the layers whose size is known. */
function amountOf(layers: readonly PullProgress[]): string {
  let [current, total] = [0, 0];
  for (const layer of layers) {
    if (layer.kind !== 'layer' || layer.total === undefined) continue;
    total += layer.total;
    current += layer.status === 'downloading' ? (layer.current ?? 0) : layer.total;
  }
  return total === 0 ? '' : `${humanSize(current)} / ${humanSize(total)}`;
}

/** What programs say may move the cursor; here it may not. */
function printable(text: string): string {
  // eslint-disable-next-line no-control-regex -- control characters are what is taken out
  return text.replace(/\u001b\[[\d;?]*[A-Za-z]|[\u0000-\u001f\u007f]/g, '');
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** A signal that ends the process finds the cursor amid our lines: they are taken away first. Returns how to stop minding. */
function leaveTerminalInOrder(region: LiveRegion): () => void {
  const onSignal = (signal: NodeJS.Signals): void => {
    region.hide();
    stop();
    // Another listener means that the command goes on and ends in its own way.
    if (process.listenerCount(signal) === 0) process.kill(process.pid, signal);
  };
  const stop = (): void => {
    for (const signal of SIGNALS) process.off(signal, onSignal);
  };
  for (const signal of SIGNALS) process.on(signal, onSignal);
  return stop;
}
