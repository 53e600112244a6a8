import type { Image } from '../../model/runtime.ts';
import { layerPath } from '../store/layer-path.ts';
import type { Roots } from '../store/roots.ts';
import { findImage, imageNotFound } from './find-image.ts';
import { describeImage } from './describe-image.ts';
import type { ImageLibrary } from './image-library.ts';
import type { IndexEntry } from './index-entries.ts';

/** What `image inspect` prints: Docker's keys. */
export function inspectImage(roots: Roots, library: ImageLibrary, reference: string): Record<string, unknown> {
  return library.reading((entries) => inspectIn(entries, roots, library, reference));
}

function inspectIn(entries: readonly IndexEntry[], roots: Roots, library: ImageLibrary, reference: string): Record<string, unknown> {
  const found = findImage(library, entries, reference);
  if (found === undefined) throw imageNotFound(reference);
  const image: Image = describeImage(library, entries, found.descriptor);
  const config = library.readConfig(image.id);
  return {
    Id: image.id,
    RepoTags: image.tags,
    RepoDigests: image.digests,
    Parent: '',
    Comment: config.history?.at(-1)?.comment ?? '',
    Created: image.created,
    Author: config.author ?? '',
    Architecture: image.architecture,
    ...(config.variant === undefined ? {} : { Variant: config.variant }),
    Os: image.os,
    Size: image.size,
    GraphDriver: {
      Name: 'overlay',
      Data: {
        LowerDir: [...image.layers]
          .reverse()
          .map((layer) => layerPath(roots, layer))
          .join(':'),
      },
    },
    RootFS: { Type: 'layers', Layers: image.layers },
    Metadata: { LastTagTime: '0001-01-01T00:00:00Z' },
    Config: withDefaults(config.config ?? {}),
  };
}

/** Docker prints these keys even when they are empty; templates rely on it. */
function withDefaults(config: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return { Cmd: null, Entrypoint: null, Env: null, Labels: null, OnBuild: null, User: '', Volumes: null, WorkingDir: '', ...config };
}
