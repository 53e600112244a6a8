import { join } from 'node:path';
import type { Readable } from 'node:stream';
import type { RuntimeContext } from '../context.ts';
import type { Descriptor, ImageConfigFile, RunConfig } from '../store/image-records.ts';
import { asArchiveError } from './core-program.ts';
import { decompress } from './decompress.ts';
import { digestOf, writeDigested } from './digesting.ts';
import type { ImageLibrary, StagedImage } from './image-library.ts';
import { addNames } from './index-entries.ts';
import { unpackPlainLayer } from './layer-unpacker.ts';
import { OCI_CONFIG, OCI_LAYER, OCI_MANIFEST } from './media-types.ts';
import { canonicalName, type Reference } from './reference.ts';
import { stageText, withStaging } from './staging.ts';
import { hostArchitecture } from './platform.ts';

export interface ImportOptions {
  readonly source: Readable;
  readonly name?: Reference;
  readonly config: RunConfig;
  readonly comment: string;
  readonly architecture?: string;
}

/** An image of one layer from a root file system's tar, plain or compressed. Returns the image's id. */
export async function importImage(context: RuntimeContext, library: ImageLibrary, options: ImportOptions): Promise<string> {
  return withStaging(context, async (staging) => {
    const tarPath = join(staging, 'layer.tar');
    const plain = await decompress(options.source);
    const { digest, size } = await writeDigested(tarPath, plain).catch((error: unknown) => {
      throw asArchiveError(error);
    });
    const blob = { mediaType: OCI_LAYER, digest, size };
    const layer = await unpackPlainLayer(context.core.path, staging, tarPath, blob);
    const created = new Date().toISOString();
    const config: ImageConfigFile = {
      architecture: options.architecture ?? hostArchitecture(),
      os: 'linux',
      created,
      config: options.config,
      rootfs: { type: 'layers', diff_ids: [digest] },
      history: [{ created, comment: options.comment }],
    };
    const image = await stageImage(staging, config, [blob]);
    const names = options.name === undefined ? [] : [canonicalName(options.name)];
    await register(context, library, { ...image, layers: [layer], blobs: new Map([...image.blobs, [digest, tarPath]]) }, names);
    context.events.append({ type: 'image', action: 'import', id: image.id, attributes: names.length > 0 ? { name: names.join(' ') } : {} });
    return image.id;
  });
}

/** Writes an image's config (an object, or the very bytes it has elsewhere) and a manifest to the staging folder. */
export async function stageImage(
  staging: string,
  config: ImageConfigFile | Uint8Array,
  layers: readonly Descriptor[],
): Promise<StagedImage & { readonly id: string }> {
  const configBytes = config instanceof Uint8Array ? config : Buffer.from(JSON.stringify(config));
  const id = digestOf(configBytes);
  const manifestText = JSON.stringify({
    schemaVersion: 2,
    mediaType: OCI_MANIFEST,
    config: { mediaType: OCI_CONFIG, digest: id, size: configBytes.length },
    layers,
  });
  const digest = digestOf(manifestText);
  const blobs = new Map([
    [id, await stageText(staging, configBytes)],
    [digest, await stageText(staging, manifestText)],
  ]);
  return { id, blobs, layers: [], manifest: { mediaType: OCI_MANIFEST, digest, size: Buffer.byteLength(manifestText) } };
}

/** The moment at which an image begins to exist, all of it or nothing. */
export async function register(
  _context: RuntimeContext,
  library: ImageLibrary,
  image: StagedImage,
  names: readonly string[],
): Promise<void> {
  await library.withLock(async () => {
    await library.adopt(image);
    await library.writeEntries(addNames(library.readEntries(), image.manifest, names));
  });
}
