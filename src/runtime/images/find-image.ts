import { MydockerError } from '../../errors.ts';
import type { Descriptor } from '../store/image-records.ts';
import { hexOf } from '../store/layer-path.ts';
import type { ImageLibrary } from './image-library.ts';
import type { IndexEntry } from './index-entries.ts';
import { canonicalName, parseTagged } from './reference.ts';

export interface FoundImage {
  readonly descriptor: Descriptor;
  /** The name by which it was found; absent when by its id. */
  readonly name?: string;
}

/** By name, name:tag, name@digest, id, or unique prefix of an id: in this order, as Docker looks. */
export function findImage(library: ImageLibrary, entries: readonly IndexEntry[], reference: string): FoundImage | undefined {
  const named = findByName(entries, reference);
  if (named !== undefined) return named;
  const prefix = reference.startsWith('sha256:') ? hexOf(reference) : reference;
  return /^[0-9a-f]{1,64}$/.test(prefix) ? findById(library, entries, prefix, reference) : undefined;
}

function findByName(entries: readonly IndexEntry[], reference: string): FoundImage | undefined {
  let name: string;
  let digest: string | undefined;
  try {
    const parsed = parseTagged(reference);
    digest = parsed.digest;
    // With a digest the tag says nothing more.
    name = canonicalName(digest === undefined ? parsed : { domain: parsed.domain, path: parsed.path, digest });
  } catch {
    return undefined;
  }
  const entry = entries.find((candidate) => candidate.name === name);
  if (entry !== undefined) return { descriptor: entry.descriptor, name };
  if (digest === undefined) return undefined;
  const repository = name.slice(0, name.indexOf('@'));
  const byDigest = entries.find(
    (candidate) => candidate.descriptor.digest === digest && candidate.name !== undefined && repositoryOf(candidate.name) === repository,
  );
  return byDigest && { descriptor: byDigest.descriptor };
}

/** `docker.io/library/busybox:latest` -> `docker.io/library/busybox`. */
export function repositoryOf(name: string): string {
  const at = name.indexOf('@');
  if (at >= 0) return name.slice(0, at);
  return name.slice(0, name.lastIndexOf(':'));
}

function findById(library: ImageLibrary, entries: readonly IndexEntry[], prefix: string, reference: string): FoundImage | undefined {
  const found = new Map<string, Descriptor>();
  for (const { descriptor } of entries) {
    const id = library.readManifest(descriptor.digest).config.digest;
    if (hexOf(id).startsWith(prefix) && !found.has(id)) found.set(id, descriptor);
  }
  if (found.size > 1) {
    throw new MydockerError('invalid', `ambiguous: ${[...found.keys()].map((id) => hexOf(id).slice(0, 12)).join(', ')}`, {
      resource: `image ${reference}`,
      hint: 'Give more digits of the id.',
    });
  }
  const [descriptor] = found.values();
  return descriptor && { descriptor };
}

export function imageNotFound(reference: string): MydockerError {
  return new MydockerError('not-found', 'no such image', {
    resource: `image ${reference}`,
    hint: 'mydocker images lists what is there.',
  });
}
