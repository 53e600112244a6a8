import type * as z from 'zod/mini';
import { MydockerError } from '../../errors.ts';
import {
  checkShape,
  dockerArchiveSchema,
  imageConfigSchema,
  indexSchema,
  manifestSchema,
  type Descriptor,
  type ImageConfigFile,
} from '../store/image-records.ts';
import { hexOf } from '../store/layer-path.ts';
import { parseArchiveJson, type ArchiveReader } from './archive-reader.ts';
import { digestOf } from './digesting.ts';
import { NAME_ANNOTATION } from './index-entries.ts';
import { isIndexType, isManifestType } from './media-types.ts';
import { choosePlatform } from './platform.ts';
import { canonicalName, parseTagged } from './reference.ts';

/** An image in an archive, config checked, layers not yet read. */
export interface ArchiveImage {
  readonly config: ImageConfigFile;
  readonly configBytes: Uint8Array;
  /** A manifest that came along; absent for archives of `docker save`, which have none. */
  readonly manifest?: { readonly descriptor: Descriptor; readonly bytes: Uint8Array; readonly layers: readonly Descriptor[] };
  /** Names of the layers' files in the archive, lowest first. */
  readonly layerFiles: readonly string[];
  /** Canonical. */
  readonly names: readonly string[];
}

/** All images of an archive: by `manifest.json` of `docker save`, else as an OCI layout. */
export async function readArchive(archive: ArchiveReader): Promise<readonly ArchiveImage[]> {
  if ((await archive.find('manifest.json')) !== undefined) return readDockerArchive(archive);
  if ((await archive.find('index.json')) !== undefined) return readLayout(archive);
  throw new MydockerError('invalid', 'the archive has neither manifest.json nor index.json: it is no image', {
    hint: 'A root file system is made into an image with mydocker import.',
  });
}

async function readDockerArchive(archive: ArchiveReader): Promise<readonly ArchiveImage[]> {
  const items = shaped(dockerArchiveSchema, 'manifest.json', await archive.bytes('manifest.json'));
  const images: ArchiveImage[] = [];
  for (const item of items) {
    const configBytes = await archive.bytes(item.Config);
    const stated = /(?:^|\/)([0-9a-f]{64})(?:\.json)?$/.exec(item.Config)?.[1];
    if (stated !== undefined) checkDigest(item.Config, configBytes, `sha256:${stated}`);
    const config = shaped(imageConfigSchema, item.Config, configBytes);
    images.push(
      checkLayers({
        config,
        configBytes,
        layerFiles: item.Layers ?? [],
        names: (item.RepoTags ?? []).map((name) => canonicalName(parseTagged(name))),
      }),
    );
  }
  return images;
}

async function readLayout(archive: ArchiveReader): Promise<readonly ArchiveImage[]> {
  const index = shaped(indexSchema, 'index.json', await archive.bytes('index.json'));
  const images: ArchiveImage[] = [];
  for (const entry of index.manifests) {
    const descriptor = await resolveManifest(archive, entry);
    if (descriptor === undefined) continue;
    const bytes = await blob(archive, descriptor);
    const manifest = shaped(manifestSchema, descriptor.digest, bytes);
    const configBytes = await blob(archive, manifest.config);
    images.push(
      checkLayers({
        config: shaped(imageConfigSchema, manifest.config.digest, configBytes),
        configBytes,
        manifest: { descriptor: plain(descriptor), bytes, layers: manifest.layers },
        layerFiles: manifest.layers.map(({ digest }) => blobName(digest)),
        names: namesOf(entry),
      }),
    );
  }
  if (images.length === 0) throw new MydockerError('invalid', 'the archive has no image for this platform');
  return images;
}

/** Follows an index of several platforms to the manifest for this one. */
async function resolveManifest(archive: ArchiveReader, entry: Descriptor, depth = 0): Promise<Descriptor | undefined> {
  if (isManifestType(entry.mediaType)) return entry;
  if (!isIndexType(entry.mediaType) || depth > 4) return undefined;
  const index = shaped(indexSchema, entry.digest, await blob(archive, entry));
  const chosen = choosePlatform(index.manifests);
  return chosen && resolveManifest(archive, chosen, depth + 1);
}

function namesOf({ annotations }: Descriptor): readonly string[] {
  const name = annotations?.[NAME_ANNOTATION] ?? annotations?.['org.opencontainers.image.ref.name'];
  if (name === undefined) return [];
  try {
    return [canonicalName(parseTagged(name))];
  } catch {
    return []; // a bare tag, or a name of another tool's kind
  }
}

function plain({ mediaType, digest, size }: Descriptor): Descriptor {
  return { mediaType, digest, size };
}

export function blobName(digest: string): string {
  return `blobs/sha256/${hexOf(digest)}`;
}

async function blob(archive: ArchiveReader, { digest }: Descriptor): Promise<Uint8Array> {
  const bytes = await archive.bytes(blobName(digest));
  checkDigest(blobName(digest), bytes, digest);
  return bytes;
}

function checkDigest(name: string, bytes: Uint8Array, stated: string): void {
  const found = digestOf(bytes);
  if (found === stated) return;
  throw new MydockerError('invalid', `${name} in the archive has the digest ${found}`, {
    hint: 'The archive is damaged or was tampered with; get it again.',
  });
}

function checkLayers(image: ArchiveImage): ArchiveImage {
  const expected = image.config.rootfs.diff_ids?.length ?? 0;
  if (image.layerFiles.length === expected) return image;
  throw new MydockerError('invalid', `the archive has ${String(image.layerFiles.length)} layers of an image with ${String(expected)}`);
}

function shaped<T>(schema: z.ZodMiniType<T>, name: string, bytes: Uint8Array): T {
  const result = checkShape(schema, parseArchiveJson(name, bytes));
  if ('data' in result) return result.data;
  throw new MydockerError('invalid', `${name} in the archive is not what it should be: ${result.problem}`);
}
