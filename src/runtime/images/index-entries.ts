import type { Descriptor, ImageIndex } from '../store/image-records.ts';

/** The key that OCI layouts use for an image's full name. */
export const NAME_ANNOTATION = 'io.containerd.image.name';
const NAMED_ANNOTATION = 'io.mydocker.named';
const TAG_ANNOTATION = 'org.opencontainers.image.ref.name';

/** One line of the index: an image's manifest under one of its names, or under none (dangling). */
export interface IndexEntry {
  readonly descriptor: Descriptor;
  /** Canonical: `docker.io/library/busybox:latest`, or with `@sha256:…`. */
  readonly name?: string;
  /** When it was given that name last, by a pull, a load, a build or `tag`; RFC 3339. */
  readonly namedAt?: string;
}

export function entriesOf(index: ImageIndex): readonly IndexEntry[] {
  return index.manifests.map((manifest) => {
    const { annotations, ...descriptor } = manifest;
    const name = annotations?.[NAME_ANNOTATION];
    const namedAt = annotations?.[NAMED_ANNOTATION];
    return name === undefined ? { descriptor } : { descriptor, name, ...(namedAt === undefined ? {} : { namedAt }) };
  });
}

export function indexOf(entries: readonly IndexEntry[]): ImageIndex {
  return { schemaVersion: 2, manifests: entries.map(annotate) };
}

function annotate({ descriptor, name, namedAt }: IndexEntry): Descriptor {
  if (name === undefined) return descriptor;
  const tag = name.slice(name.lastIndexOf(':') + 1);
  return {
    ...descriptor,
    annotations: {
      [NAME_ANNOTATION]: name,
      ...(name.includes('@') ? {} : { [TAG_ANNOTATION]: tag }),
      ...(namedAt === undefined ? {} : { [NAMED_ANNOTATION]: namedAt }),
    },
  };
}

/** Gives `names` to the image; another one that had such a name stays, if need be without any. */
export function addNames(entries: readonly IndexEntry[], descriptor: Descriptor, names: readonly string[]): readonly IndexEntry[] {
  const taken = new Set(names);
  const displaced = entries.filter(({ name }) => name !== undefined && taken.has(name)).map((entry) => entry.descriptor);
  const kept = entries.filter(({ name }) => name === undefined || !taken.has(name));
  const namedAt = new Date().toISOString();
  const added = names.map((name): IndexEntry => ({ descriptor, name, namedAt }));
  return tidy([...kept, ...displaced.map((old): IndexEntry => ({ descriptor: old })), ...(added.length > 0 ? added : [{ descriptor }])]);
}

/** Takes the name away; its image stays, if need be without any. */
export function removeName(entries: readonly IndexEntry[], name: string): readonly IndexEntry[] {
  return tidy(entries.map((entry): IndexEntry => (entry.name === name ? { descriptor: entry.descriptor } : entry)));
}

/** One nameless entry at most, and only for images that have no tag. */
function tidy(entries: readonly IndexEntry[]): readonly IndexEntry[] {
  const named = new Set(entries.filter(({ name }) => name !== undefined).map(({ descriptor }) => descriptor.digest));
  const seen = new Set<string>();
  return entries.filter(({ descriptor, name }) => {
    if (name !== undefined) return true;
    if (named.has(descriptor.digest) || seen.has(descriptor.digest)) return false;
    seen.add(descriptor.digest);
    return true;
  });
}
