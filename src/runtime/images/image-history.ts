import type { HistoryEntry } from '../store/image-records.ts';
import type { ImageLibrary } from './image-library.ts';
import { findImage, imageNotFound } from './find-image.ts';
import type { IndexEntry } from './index-entries.ts';

export interface HistoryLine {
  /** The image's id for its last step, else empty. */
  readonly id: string;
  readonly created: string;
  readonly createdBy: string;
  readonly size: number;
  readonly comment: string;
}

/** The steps an image was made in, the last first. */
export function imageHistory(library: ImageLibrary, reference: string): readonly HistoryLine[] {
  return library.reading((entries) => historyIn(entries, library, reference));
}

function historyIn(entries: readonly IndexEntry[], library: ImageLibrary, reference: string): readonly HistoryLine[] {
  const found = findImage(library, entries, reference);
  if (found === undefined) throw imageNotFound(reference);
  const id = library.readManifest(found.descriptor.digest).config.digest;
  const config = library.readConfig(id);
  const layers = [...(config.rootfs.diff_ids ?? [])];
  const steps: readonly HistoryEntry[] = config.history ?? layers.map(() => ({}));
  const lines = steps.map((step) => {
    const layer = step.empty_layer === true ? undefined : layers.shift();
    return {
      id: '',
      created: step.created ?? config.created ?? '',
      createdBy: step.created_by ?? '',
      size: layer === undefined ? 0 : library.layerSize(layer),
      comment: step.comment ?? '',
    };
  });
  return lines.reverse().map((line, index) => (index === 0 ? { ...line, id } : line));
}
