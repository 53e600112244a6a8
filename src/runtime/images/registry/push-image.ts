import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { Readable } from 'node:stream';
import type { RuntimeContext } from '../../context.ts';
import type { Descriptor, Manifest } from '../../store/image-records.ts';
import { hexOf } from '../../store/layer-path.ts';
import { findImage, imageNotFound } from '../find-image.ts';
import type { ImageLibrary } from '../image-library.ts';
import { markInUse } from '../image-users.ts';
import { familiarName, type Reference } from '../reference.ts';
import { withStaging } from '../staging.ts';
import { originsOf, RegistryClient } from './registry-client.ts';
import { readRegistrySettings } from './registry-settings.ts';
import { hasBlob, uploadBlob } from './upload-blob.ts';

export interface PushProgress {
  readonly layer: string;
  readonly status: 'pushing' | 'pushed' | 'exists';
}

/** Brings an image to its registry; returns the digest it has there. */
export async function pushImage(
  context: RuntimeContext,
  library: ImageLibrary,
  reference: Reference,
  onProgress: (progress: PushProgress) => void,
): Promise<string> {
  const client = new RegistryClient(reference.domain, reference.path, originsOf(reference.domain, readRegistrySettings(), true));
  return withStaging(context, async (staging) => {
    const { descriptor, manifest } = await library.withLock(() => Promise.resolve(chooseImage(library, reference, staging)));
    for (const blob of [...manifest.layers, manifest.config]) await pushBlob(client, library, blob, onProgress);
    await client.request(`manifests/${reference.tag ?? 'latest'}`, {
      method: 'PUT',
      actions: 'pull,push',
      headers: { 'Content-Type': descriptor.mediaType },
      body: new Uint8Array(await readFile(library.blobPath(descriptor.digest))),
    });
    return descriptor.digest;
  });
}

/** Another command may remove it while it is on its way. */
function chooseImage(
  library: ImageLibrary,
  reference: Reference,
  staging: string,
): { readonly descriptor: Descriptor; readonly manifest: Manifest } {
  const found = findImage(library, library.readEntries(), familiarName(reference));
  if (found === undefined) throw imageNotFound(familiarName(reference));
  const { descriptor } = found;
  const manifest = library.readManifest(descriptor.digest);
  markInUse(
    staging,
    [descriptor, manifest.config, ...manifest.layers].map(({ digest }) => digest),
  );
  return { descriptor, manifest };
}

async function pushBlob(
  client: RegistryClient,
  library: ImageLibrary,
  blob: Descriptor,
  onProgress: (progress: PushProgress) => void,
): Promise<void> {
  const layer = hexOf(blob.digest).slice(0, 12);
  if (await hasBlob(client, blob)) {
    onProgress({ layer, status: 'exists' });
    return;
  }
  onProgress({ layer, status: 'pushing' });
  const content = Readable.toWeb(createReadStream(library.blobPath(blob.digest)));
  await uploadBlob(client, blob, content);
  onProgress({ layer, status: 'pushed' });
}
