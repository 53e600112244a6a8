import { MydockerError } from '../../errors.ts';
import { isProtected } from '../../model/volume-protection.ts';
import type { MydockerRuntime } from '../../runtime/runtime.ts';
import type { PrunedThings } from './prune-containers.ts';
import { volumeFilter } from './volume/filter.ts';
import { usedVolumes } from './volume/used-volumes.ts';

/** Removes volumes that no container uses: the anonymous ones, or `all`. */
export async function pruneVolumes(runtime: MydockerRuntime, filters: readonly string[], all = false): Promise<PrunedThings> {
  const used = await usedVolumes(runtime);
  const matches = volumeFilter(filters, used);
  const removed: string[] = [];
  let bytes = 0;
  for (const volume of await runtime.volumes.list()) {
    if (used.has(volume.name) || !(all || volume.anonymous) || isProtected(volume) || !matches(volume)) continue;
    const size = await runtime.volumes.sizeOf(volume.name);
    try {
      await runtime.volumes.remove(volume.name);
    } catch (error) {
      // A container that came meanwhile uses it, somebody protected it, or removed it.
      if (error instanceof MydockerError && ['conflict', 'refused', 'not-found'].includes(error.code)) continue;
      throw error;
    }
    removed.push(volume.name);
    bytes += size;
  }
  // Also when there was nothing to remove: a command that was killed may have left some.
  await runtime.containers.removeLeftovers();
  return { removed, bytes };
}
