import { readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { randomHex } from '../../util/random.ts';
import type { RuntimeContext } from '../context.ts';
import { layerPath } from '../store/layer-path.ts';
import type { ImageLibrary } from './image-library.ts';
import { readImageUsers } from './image-users.ts';
import { removeFolder, removeLeftover } from './remove-folder.ts';

/**
 * Removes the blobs and layers that neither an image of the index nor a container needs; only with the images' lock held.
 * Returns the bytes of the layers that went. Where a record cannot be read, everything it might need stays.
 */
export async function collectGarbage(context: RuntimeContext, library: ImageLibrary): Promise<number> {
  const needed = neededByImages(library);
  if (needed === undefined) return 0;
  const freed = await removeLayers(context, library, needed.layers);
  await removeBlobs(context, library, needed.blobs);
  return freed;
}

function neededByImages(library: ImageLibrary): { blobs: Set<string>; layers: Set<string> } | undefined {
  const blobs = new Set<string>();
  const layers = new Set<string>();
  try {
    for (const { descriptor } of library.readEntries()) {
      const manifest = library.readManifest(descriptor.digest);
      for (const digest of [descriptor.digest, manifest.config.digest, ...manifest.layers.map((layer) => layer.digest)]) blobs.add(digest);
      for (const diffId of library.readConfig(manifest.config.digest).rootfs.diff_ids ?? []) layers.add(diffId);
    }
  } catch {
    return undefined; // reported by those who list images
  }
  return { blobs, layers };
}

/** A container's config and layers keep their blobs, too: it may be committed when its image has lost its last name. */
async function removeBlobs(context: RuntimeContext, library: ImageLibrary, neededByImages: ReadonlySet<string>): Promise<void> {
  const { users, incomplete } = readImageUsers(context.roots);
  if (incomplete) return;
  const needed = new Set([...neededByImages, ...users.map(({ imageId }) => imageId)]);
  for (const diffId of new Set(users.flatMap(({ layers }) => layers))) {
    if (library.hasLayer(diffId)) needed.add(library.layerBlob(diffId).digest);
  }
  const folder = join(context.roots.data, 'images', 'blobs', 'sha256');
  for (const name of await readdir(folder).catch(() => [])) {
    if (/^[0-9a-f]{64}$/.test(name) && !needed.has(`sha256:${name}`)) await rm(join(folder, name), { force: true });
  }
}

async function removeLayers(context: RuntimeContext, library: ImageLibrary, neededByImage: ReadonlySet<string>): Promise<number> {
  const folder = join(context.roots.data, 'layers');
  const names = (await readdir(folder)).filter((name) => /^[0-9a-f]{64}$/.test(name));
  const isNeeded = neededByUsers(context, neededByImage);
  let freed = 0;
  for (const name of names) {
    const diffId = `sha256:${name}`;
    if (isNeeded(diffId)) continue;
    const path = layerPath(context.roots, diffId);
    const away = join(context.roots.data, 'tmp', `layer-${name}-${randomHex(4)}`);
    await rename(path, away);
    // A container that was made meanwhile has written its record before it looked for the layer: it gets it back.
    if (neededByUsers(context, neededByImage)(diffId)) {
      await rename(away, path);
      continue;
    }
    freed += library.layerSize(diffId);
    await rm(`${path}.json`, { force: true });
    await removeFolder(context, away);
  }
  await sweepAway(context);
  return freed;
}

function neededByUsers(context: RuntimeContext, neededByImage: ReadonlySet<string>): (diffId: string) => boolean {
  const { users, incomplete } = readImageUsers(context.roots);
  const used = new Set(users.flatMap(({ layers }) => layers));
  return (diffId) => incomplete || neededByImage.has(diffId) || used.has(diffId);
}

/** What a killed removal had moved away; it was needed by nobody. */
async function sweepAway(context: RuntimeContext): Promise<void> {
  const folder = join(context.roots.data, 'tmp');
  for (const name of await readdir(folder)) {
    if (/^layer-[0-9a-f]{64}-[0-9a-f]{8}$/.test(name)) await removeLeftover(context, join(folder, name));
  }
}
