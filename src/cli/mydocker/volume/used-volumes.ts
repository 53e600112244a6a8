import type { Runtime } from '../../../model/runtime.ts';

/** Names of the volumes that some container, running or not, mounts. */
export async function usedVolumes({ containers }: Pick<Runtime, 'containers'>): Promise<ReadonlySet<string>> {
  const mounts = (await containers.list()).flatMap(({ config }) => config.mounts);
  return new Set(mounts.flatMap((mount) => (mount.type === 'volume' ? [mount.volume] : [])));
}
