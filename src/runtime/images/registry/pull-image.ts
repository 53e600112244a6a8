import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MydockerError } from '../../../errors.ts';
import type { PullOptions, PullProgress } from '../../../model/runtime.ts';
import type { RuntimeContext } from '../../context.ts';
import { checkShape, imageConfigSchema, indexSchema, manifestSchema, type Descriptor, type Manifest } from '../../store/image-records.ts';
import { hexOf } from '../../store/layer-path.ts';
import type { ImageLibrary, StagedLayer } from '../image-library.ts';
import { register } from '../import-image.ts';
import { unpackLayerBlob } from '../layer-unpacker.ts';
import { isIndexType } from '../media-types.ts';
import { choosePlatform, type Platform } from '../platform.ts';
import { canonicalName, familiarName, type Reference } from '../reference.ts';
import { stageText, withStaging } from '../staging.ts';
import { downloadBlob } from './download-blob.ts';
import { fetchManifest, MAX_MANIFEST, type FetchedManifest } from './fetch-manifest.ts';
import { RegistryClient } from './registry-client.ts';

export interface PulledImage {
  readonly id: string;
  /** Of what the name stands for in the registry: a manifest or an index. */
  readonly digest: string;
  readonly isNew: boolean;
}

const CONCURRENT_LAYERS = 3;

/** Brings an image from its registry, every part checked against its digest; what is here already is not fetched again. */
export async function pullImage(
  context: RuntimeContext,
  library: ImageLibrary,
  reference: Reference,
  { platform, onProgress = () => undefined }: PullOptions,
): Promise<PulledImage> {
  const client = new RegistryClient(reference.domain, reference.path);
  const top = await fetchManifest(client, reference.digest ?? reference.tag ?? 'latest', reference.digest);
  const chosen = isIndexType(top.descriptor.mediaType) ? await resolveIndex(client, top, reference, platform) : top;
  const manifest = shaped(manifestSchema, chosen.bytes, 'manifest');
  const names = [
    canonicalName(reference),
    canonicalName({ domain: reference.domain, path: reference.path, digest: top.descriptor.digest }),
  ];
  const known =
    library.hasBlob(chosen.descriptor.digest) &&
    library.readEntries().some((entry) => entry.descriptor.digest === chosen.descriptor.digest);
  onProgress({ kind: 'digest', digest: top.descriptor.digest });
  await withStaging(context, async (staging) => {
    const parts = await fetchParts(context, library, client, staging, manifest, onProgress);
    const blobs = new Map([...parts.blobs, [chosen.descriptor.digest, await stageText(staging, chosen.bytes)]]);
    await register(context, library, { manifest: chosen.descriptor, blobs, layers: parts.layers }, [...new Set(names)]);
  });
  const id = manifest.config.digest;
  context.events.append({ type: 'image', action: 'pull', id: familiarName(reference), attributes: { name: familiarName(reference) } });
  return { id, digest: top.descriptor.digest, isNew: !known };
}

async function resolveIndex(
  client: RegistryClient,
  top: FetchedManifest,
  reference: Reference,
  wish: Platform | undefined,
): Promise<FetchedManifest> {
  const index = shaped(indexSchema, top.bytes, 'index');
  const chosen = choosePlatform(index.manifests, wish);
  if (chosen !== undefined) return fetchManifest(client, chosen.digest, chosen.digest);
  const offered = index.manifests.map(({ platform }) => (platform === undefined ? '' : `${platform.os}/${platform.architecture}`));
  throw new MydockerError(
    'not-found',
    `no image for this platform; there are ${[...new Set(offered)].filter((text) => text !== '').join(', ')}`,
    {
      resource: `image ${familiarName(reference)}`,
      hint: 'Choose another with --platform.',
    },
  );
}

async function fetchParts(
  context: RuntimeContext,
  library: ImageLibrary,
  client: RegistryClient,
  staging: string,
  manifest: Manifest,
  onProgress: (progress: PullProgress) => void,
): Promise<{ blobs: Map<string, string>; layers: StagedLayer[] }> {
  const blobs = new Map<string, string>();
  const layers: StagedLayer[] = [];
  const { config: configDescriptor } = manifest;
  // What is here and need not be fetched must not go before the image has its name.
  await library.keep(
    staging,
    [configDescriptor, ...manifest.layers].map(({ digest }) => digest),
  );
  const configPath = library.hasBlob(configDescriptor.digest) ? library.blobPath(configDescriptor.digest) : join(staging, 'config');
  if (!library.hasBlob(configDescriptor.digest)) {
    if (configDescriptor.size > MAX_MANIFEST) throw new MydockerError('invalid', 'the image’s config is too large');
    await downloadBlob(client, configDescriptor, configPath, () => undefined);
    blobs.set(configDescriptor.digest, configPath);
  }
  const diffIds = shaped(imageConfigSchema, await readFile(configPath), 'config').rootfs.diff_ids ?? [];
  if (diffIds.length !== manifest.layers.length)
    throw new MydockerError('invalid', 'the image’s manifest and config do not have the same layers');
  await library.keep(staging, diffIds);
  const waiting = new Map(manifest.layers.map((blob, index) => [diffIds[index] ?? '', blob]));
  // All must have come to an end before the folder they work in is removed.
  const ends = await Promise.allSettled(
    Array.from({ length: CONCURRENT_LAYERS }, async () => {
      for (const [diffId, blob] of waiting) {
        waiting.delete(diffId);
        const path = await fetchLayer(context, library, client, staging, blob, diffId, onProgress);
        if (path.blob !== undefined) blobs.set(blob.digest, path.blob);
        if (path.layer !== undefined) layers.push(path.layer);
      }
    }),
  );
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
  return { blobs, layers };
}

async function fetchLayer(
  context: RuntimeContext,
  library: ImageLibrary,
  client: RegistryClient,
  staging: string,
  blob: Descriptor,
  diffId: string,
  onProgress: (progress: PullProgress) => void,
): Promise<{ blob?: string; layer?: StagedLayer }> {
  const layer = hexOf(blob.digest).slice(0, 12);
  if (library.hasLayer(diffId) && library.hasBlob(blob.digest)) {
    onProgress({ kind: 'layer', layer, status: 'exists' });
    return {};
  }
  const path = join(staging, `blob-${hexOf(blob.digest)}`);
  await downloadBlob(client, blob, path, (current) =>
    onProgress({ kind: 'layer', layer, status: 'downloading', current, total: blob.size }),
  );
  if (library.hasLayer(diffId)) {
    onProgress({ kind: 'layer', layer, status: 'complete' });
    return { blob: path };
  }
  onProgress({ kind: 'layer', layer, status: 'extracting' });
  const unpacked = await unpackLayerBlob(context.core.path, staging, path, blob, diffId);
  onProgress({ kind: 'layer', layer, status: 'complete' });
  return { blob: path, layer: unpacked };
}

function shaped<T>(schema: Parameters<typeof checkShape<T>>[0], bytes: Uint8Array, what: string): T {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(bytes).toString());
  } catch (error) {
    throw new MydockerError('invalid', `the registry's ${what} is not JSON`, { cause: error });
  }
  const result = checkShape(schema, value);
  if ('data' in result) return result.data;
  throw new MydockerError('invalid', `the registry's ${what} is not what it should be: ${result.problem}`);
}
