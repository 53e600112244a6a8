import { link, mkdir, stat } from 'node:fs/promises';
import { createReadStream } from 'node:fs';
import { basename, join } from 'node:path';
import type { Readable } from 'node:stream';
import { MydockerError } from '../../errors.ts';
import type { RuntimeContext } from '../context.ts';
import type { Descriptor } from '../store/image-records.ts';
import { ArchiveReader } from './archive-reader.ts';
import { readArchive, type ArchiveImage } from './archive-images.ts';
import { unpack } from './core-program.ts';
import { decompress, detectCompression } from './decompress.ts';
import { digestOf, DigestTap } from './digesting.ts';
import type { ImageLibrary, StagedImage, StagedLayer } from './image-library.ts';
import { register, stageImage } from './import-image.ts';
import { unpackLayerBlob } from './layer-unpacker.ts';
import { OCI_LAYER } from './media-types.ts';
import { stageText, withStaging } from './staging.ts';

export interface LoadedImage {
  readonly id: string;
  /** Canonical. */
  readonly names: readonly string[];
}

/** Brings the images of an archive (of `docker save`, or an OCI layout) into the store; each one whole or not at all. */
export async function loadImages(context: RuntimeContext, library: ImageLibrary, source: Readable): Promise<readonly LoadedImage[]> {
  return withStaging(context, async (staging) => {
    const folder = join(staging, 'archive');
    await mkdir(folder, { mode: 0o700 });
    await unpack(context.core.path, ['--mode', 'copy', '--root', folder, '--chown', '0:0'], await decompress(source));
    const archive = new ArchiveReader(folder);
    const loaded: LoadedImage[] = [];
    const known = new Map<string, StagedLayer>();
    for (const image of await readArchive(archive)) {
      const staged = await stageArchiveImage(context, library, archive, staging, image, known);
      await register(context, library, staged, image.names);
      context.events.append({ type: 'image', action: 'load', id: staged.id, attributes: { name: image.names.join(' ') } });
      loaded.push({ id: staged.id, names: image.names });
    }
    return loaded;
  });
}

async function stageArchiveImage(
  context: RuntimeContext,
  library: ImageLibrary,
  archive: ArchiveReader,
  staging: string,
  image: ArchiveImage,
  known: Map<string, StagedLayer>,
): Promise<StagedImage & { readonly id: string }> {
  const layers: StagedLayer[] = [];
  const blobs = new Map<string, string>();
  const descriptors: Descriptor[] = [];
  const diffIds = image.config.rootfs.diff_ids ?? [];
  // A layer that is here already must not go before the image has its name.
  await library.keep(staging, diffIds);
  for (const [index, diffId] of diffIds.entries()) {
    const wanted = image.manifest?.layers[index];
    if (library.hasLayer(diffId) && wanted === undefined) {
      descriptors.push(library.layerBlob(diffId));
      continue;
    }
    const name = image.layerFiles[index] ?? '';
    const { path, blob } = await stageBlob(archive, staging, name, wanted);
    blobs.set(blob.digest, path);
    descriptors.push(blob);
    if (library.hasLayer(diffId)) continue;
    const layer = known.get(diffId) ?? (await unpackLayerBlob(context.core.path, staging, path, blob, diffId));
    known.set(diffId, layer);
    layers.push(layer);
  }
  const staged =
    image.manifest === undefined ? await stageImage(staging, image.configBytes, descriptors) : await stageManifest(staging, image);
  return { ...staged, layers, blobs: new Map([...staged.blobs, ...blobs]) };
}

/** A layer's file under a name of its own, so that adopting it does not take it away from a second image. */
async function stageBlob(
  archive: ArchiveReader,
  staging: string,
  name: string,
  wanted: Descriptor | undefined,
): Promise<{ path: string; blob: Descriptor }> {
  const source = await archive.path(name);
  const stated = /^blobs\/sha256\/([0-9a-f]{64})$/.exec(name)?.[1];
  const { digest, compression } = await digestFile(source);
  if (stated !== undefined && digest !== `sha256:${stated}`) {
    throw new MydockerError('invalid', `${name} in the archive has the digest ${digest}`, {
      hint: 'The archive is damaged or was tampered with; get it again.',
    });
  }
  const path = join(staging, `blob-${basename(digest).slice(7)}`);
  await link(source, path).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  });
  const mediaType = compression === 'none' ? OCI_LAYER : `${OCI_LAYER}+${compression}`;
  return { path, blob: wanted ?? { mediaType, digest, size: (await stat(path)).size } };
}

async function digestFile(path: string): Promise<{ digest: string; compression: string }> {
  const tap = new DigestTap();
  let compression: string | undefined;
  for await (const chunk of tap.through(createReadStream(path, { highWaterMark: 1 << 20 }))) compression ??= detectCompression(chunk);
  return { digest: tap.digest(), compression: compression ?? 'none' };
}

async function stageManifest(staging: string, image: ArchiveImage): Promise<StagedImage & { id: string }> {
  const { manifest } = image;
  if (manifest === undefined) throw new TypeError('an image without a manifest');
  const id = digestOf(image.configBytes);
  const blobs = new Map([
    [id, await stageText(staging, image.configBytes)],
    [manifest.descriptor.digest, await stageText(staging, manifest.bytes)],
  ]);
  return { id, manifest: manifest.descriptor, blobs, layers: [] };
}
