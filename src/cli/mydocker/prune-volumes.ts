import { MydockerError } from '../../errors.ts';
import type { MydockerRuntime } from '../../runtime/runtime.ts';
import { volumeFilter } from './volume-filter.ts';

export interface PrunedThings {
  readonly removed: readonly string[];
  readonly bytes: number;
}

/** Removes volumes that no container uses: the anonymous ones, with `all` every one. */
export async function pruneVolumes(runtime: MydockerRuntime, all: boolean, filters: readonly string[]): Promise<PrunedThings> {
  const users = runtime.volumes.usersByVolume();
  const matches = volumeFilter(filters, users);
  const removed: string[] = [];
  let bytes = 0;
  for (const volume of await runtime.volumes.list()) {
    if (users.has(volume.name) || !(all || volume.anonymous) || !matches(volume)) continue;
    const size = await runtime.volumes.sizeOf(volume.name);
    try {
      await runtime.volumes.remove(volume.name, { force: true });
    } catch (error) {
      // A container that came meanwhile uses it.
      if (error instanceof MydockerError && error.code === 'conflict') continue;
      throw error;
    }
    removed.push(volume.name);
    bytes += size;
  }
  return { removed, bytes };
}
