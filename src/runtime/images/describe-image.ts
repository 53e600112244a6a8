import type { Image } from '../../model/runtime.ts';
import type { Descriptor } from '../store/image-records.ts';
import { toImageConfig } from './image-config.ts';
import type { ImageLibrary } from './image-library.ts';
import type { IndexEntry } from './index-entries.ts';
import { familiarName, parseReference } from './reference.ts';

/** What the store knows of one image; `entries` are those of the whole index. */
export function describeImage(library: ImageLibrary, entries: readonly IndexEntry[], descriptor: Descriptor): Image {
  const id = library.readManifest(descriptor.digest).config.digest;
  const config = library.readConfig(id);
  const layers = config.rootfs.diff_ids ?? [];
  const own = entries.filter((entry) => entry.descriptor.digest === descriptor.digest && entry.name !== undefined);
  const namedAt = own
    .map((entry) => entry.namedAt ?? '')
    .sort()
    .at(-1);
  const names = own.map((entry) => familiarName(parseReference(entry.name ?? ''))).sort();
  return {
    id,
    tags: names.filter((name) => !name.includes('@')),
    digests: names.filter((name) => name.includes('@')),
    created: config.created ?? '1970-01-01T00:00:00Z',
    architecture: config.architecture,
    os: config.os,
    size: layers.reduce((sum, layer) => sum + library.layerSize(layer), 0),
    layers,
    ...(namedAt === undefined || namedAt === '' ? {} : { namedAt }),
    config: toImageConfig(config.config),
  };
}

/** Every image once, newest first; one that cannot be read is reported and left out. */
export function describeAll(library: ImageLibrary, entries: readonly IndexEntry[], warn: (message: string) => void): readonly Image[] {
  const images = new Map<string, Image>();
  for (const digest of new Set(entries.map((entry) => entry.descriptor.digest))) {
    const descriptor = entries.find((entry) => entry.descriptor.digest === digest)?.descriptor;
    if (descriptor === undefined) continue;
    try {
      const image = describeImage(library, entries, descriptor);
      const known = images.get(image.id);
      images.set(image.id, known === undefined ? image : mergeNames(known, image));
    } catch (error) {
      warn(error instanceof Error ? error.message : String(error));
    }
  }
  return [...images.values()].sort((left, right) => (left.created < right.created ? 1 : left.created > right.created ? -1 : 0));
}

function mergeNames(left: Image, right: Image): Image {
  return { ...left, tags: [...left.tags, ...right.tags].sort(), digests: [...left.digests, ...right.digests].sort() };
}
