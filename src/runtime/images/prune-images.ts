import type { RuntimeContext } from '../context.ts';
import { describeAll } from './describe-image.ts';
import { collectGarbage } from './garbage.ts';
import type { ImageLibrary } from './image-library.ts';
import { readImageUsers } from './image-users.ts';
import type { Removal } from './remove-image.ts';
import type { Image } from '../../model/runtime.ts';

export interface PruneOptions {
  /** All that no container uses, not only those without a name. */
  readonly all: boolean;
  readonly matches: (image: Image) => boolean;
}

export interface Pruned {
  readonly removals: readonly Removal[];
  /** Bytes of layers. */
  readonly reclaimed: number;
}

/** Removes images that nobody uses, and what a killed command may have left in the store. */
export async function pruneImages(context: RuntimeContext, library: ImageLibrary, { all, matches }: PruneOptions): Promise<Pruned> {
  return library.withLock(async () => {
    const entries = library.readEntries();
    const { users, incomplete } = readImageUsers(context.roots);
    const used = new Set(users.map(({ imageId }) => imageId));
    const doomed = incomplete
      ? []
      : describeAll(library, entries, (message) => context.warn(message)).filter(
          (image) => !used.has(image.id) && (all || image.tags.length === 0) && matches(image),
        );
    const ids = new Set(doomed.map(({ id }) => id));
    await library.writeEntries(entries.filter(({ descriptor }) => !ids.has(library.readManifest(descriptor.digest).config.digest)));
    const reclaimed = await collectGarbage(context, library);
    const removals = doomed.flatMap(({ id, tags, digests }): Removal[] => [
      ...[...tags, ...digests].map((name) => ({ untagged: name })),
      { deleted: id },
    ]);
    return { removals, reclaimed };
  });
}
