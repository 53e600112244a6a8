import { MydockerError } from '../../../errors.ts';
import type { Descriptor } from '../../store/image-records.ts';
import { digestOf } from '../digesting.ts';
import { DOCKER_LIST, DOCKER_MANIFEST, isIndexType, isManifestType, OCI_INDEX, OCI_MANIFEST } from '../media-types.ts';
import type { RegistryClient } from './registry-client.ts';

/** Bytes. */
export const MAX_MANIFEST = 4 << 20;

/** A manifest or an index, as the registry has it. */
export interface FetchedManifest {
  readonly descriptor: Descriptor;
  readonly bytes: Uint8Array;
}

/** What a registry has by a tag or a digest; throws `invalid` when it is not what `expected` says. */
export async function fetchManifest(client: RegistryClient, what: string, expected: string | undefined): Promise<FetchedManifest> {
  const accept = [OCI_INDEX, DOCKER_LIST, OCI_MANIFEST, DOCKER_MANIFEST].join(', ');
  const response = await client.request(`manifests/${what}`, { headers: { Accept: accept } });
  const bytes = new Uint8Array(await response.arrayBuffer());
  if (bytes.length > MAX_MANIFEST) throw new MydockerError('invalid', `the manifest of ${what} is too large`);
  const digest = digestOf(bytes);
  if (expected !== undefined && digest !== expected)
    throw new MydockerError('invalid', `the registry sent ${digest} in place of ${expected}`);
  const mediaType = (response.headers.get('content-type') ?? '').split(';')[0]?.trim() ?? '';
  if (!isIndexType(mediaType) && !isManifestType(mediaType)) {
    throw new MydockerError('unsupported', `the registry has ${what} in the format ${mediaType === '' ? 'of an unknown kind' : mediaType}`);
  }
  return { descriptor: { mediaType, digest, size: bytes.length }, bytes };
}
