import { Listr } from 'listr2';
import type { Plan } from '../model/plan.ts';
import type { PullProgress } from '../model/runtime.ts';
import { humanSize } from './human.ts';
import { progressRows, type ProgressRow } from './progress-row.ts';
import type { Progress, ProgressOptions } from './progress.ts';
import { RegionRenderer } from './region-renderer.ts';

/** Rows of the terminal that are left to what was there before. */
const MARGIN = 3;

/** A task a row; the plan's events begin, move and end it. */
export function terminalProgress(plan: Plan, options: ProgressOptions): Progress {
  const groups = progressRows(plan, process.stderr.rows - MARGIN);
  const byId = new Map(groups.flatMap(([members, row]) => members.map(({ id }) => [id, row] as const)));
  const byService = rowsOf(groups, 'build-image', 'service');
  const byReference = rowsOf(groups, 'pull-image', 'reference');
  const pulls = new Map<string, Map<string, PullProgress>>();
  const list = new Listr<unknown, typeof RegionRenderer, typeof RegionRenderer>(
    groups.map(([, row]) => ({
      task: (_, task) => row.drive(task),
      rendererOptions: { text: () => row.text(Date.now(), options.color), isIdle: () => row.isIdle },
    })),
    {
      concurrent: true,
      exitOnError: false,
      registerSignalListeners: false,
      renderer: RegionRenderer,
      rendererOptions: { color: options.color, prefix: options.dryRun ? 'DRY-RUN MODE - ' : '', write: options.write },
    },
  );
  const finished = list.run().catch(() => undefined);
  return {
    onEvent: (event) => byId.get(event.operation.id)?.onEvent(event, Date.now()),
    onOutput: (service, text) => byService.get(service)?.say(printable(text)),
    onPull: (reference, progress) => {
      const row = byReference.get(reference);
      if (row === undefined || progress.kind !== 'layer') return;
      const layers = pulls.get(reference) ?? new Map<string, PullProgress>();
      pulls.set(reference, layers.set(progress.layer, progress));
      row.amount = amountOf([...layers.values()]);
    },
    finish: async () => {
      for (const [, row] of groups) row.end();
      await finished;
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
