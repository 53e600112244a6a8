import { MydockerError } from '../../errors.ts';
import type { MydockerRuntime } from '../../runtime/runtime.ts';
import { isOfLivingBuild } from '../../runtime/store/builder-label.ts';
import { timeOf } from '../../util/time-of.ts';
import { containerFilter } from './container-filter.ts';

export interface PrunedThings {
  readonly removed: readonly string[];
  readonly bytes: number;
}

/** Removes all containers that do not run. */
export async function pruneContainers(runtime: MydockerRuntime, filters: readonly string[]): Promise<PrunedThings> {
  const containers = await runtime.containers.list();
  const until = untilOf(filters);
  const { matches } = containerFilter(
    filters.filter((text) => !text.startsWith('until=')),
    containers,
  );
  const removed: string[] = [];
  let bytes = 0;
  for (const container of containers) {
    const { config, state } = container;
    if (state.supervisorPid > 0 || isOfLivingBuild(config.labels) || !matches(container) || Date.parse(config.created) > until) continue;
    const size = await runtime.containers.sizeOf(config.id);
    try {
      await runtime.containers.remove(config.id);
    } catch (error) {
      // Started meanwhile.
      if (error instanceof MydockerError && error.code === 'conflict') continue;
      throw error;
    }
    removed.push(config.id);
    bytes += size;
  }
  await runtime.containers.removeLeftovers();
  return { removed, bytes };
}

function untilOf(filters: readonly string[]): number {
  const text = filters.find((filter) => filter.startsWith('until='))?.slice('until='.length);
  if (text === undefined) return Number.POSITIVE_INFINITY;
  const time = timeOf(text, Date.now());
  if (time === undefined) throw new MydockerError('usage', `invalid filter until=${text}`, { hint: 'Write 10m or 2026-01-02T13:23:37Z.' });
  return Number(time / 1_000_000n);
}
