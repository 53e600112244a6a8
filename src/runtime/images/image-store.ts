import type { Readable } from 'node:stream';
import type { Container, Image, ImageStore, PullOptions } from '../../model/runtime.ts';
import type { RuntimeContext } from '../context.ts';
import { describeAll, describeImage } from './describe-image.ts';
import { findImage, imageNotFound } from './find-image.ts';
import { ImageLibrary } from './image-library.ts';
import { addNames, type IndexEntry } from './index-entries.ts';
import { canonicalName, familiarName, parseTagged } from './reference.ts';
import type { CommitOptions } from './commit-container.ts';
import type { HistoryLine } from './image-history.ts';
import type { ImportOptions } from './import-image.ts';
import type { LoadedImage } from './load-images.ts';
import type { Pruned, PruneOptions } from './prune-images.ts';
import type { PulledImage } from './registry/pull-image.ts';
import type { PushProgress } from './registry/push-image.ts';
import type { Removal } from './remove-image.ts';
import { MydockerError } from '../../errors.ts';

/** The real image store; what a command rarely needs is loaded when it is called. */
export class LocalImageStore implements ImageStore {
  readonly library: ImageLibrary;
  readonly #context: RuntimeContext;
  /** Of an index that has not changed: fifty services of one image look at it once. */
  #described: { readonly entries: readonly IndexEntry[]; readonly images: Map<string, Image | undefined> } = {
    entries: [],
    images: new Map(),
  };

  constructor(context: RuntimeContext) {
    this.#context = context;
    this.library = new ImageLibrary(context);
  }

  get(reference: string): Promise<Image | undefined> {
    return Promise.resolve(this.library.reading((entries) => this.#get(entries, reference)));
  }

  #get(entries: readonly IndexEntry[], reference: string): Image | undefined {
    if (entries !== this.#described.entries) this.#described = { entries, images: new Map() };
    const { images } = this.#described;
    if (!images.has(reference)) {
      const found = findImage(this.library, entries, reference);
      images.set(reference, found && describeImage(this.library, entries, found.descriptor));
    }
    return images.get(reference);
  }

  list(): Promise<readonly Image[]> {
    for (;;) {
      const entries = this.library.readEntries();
      const problems: string[] = [];
      const images = describeAll(this.library, entries, (message) => problems.push(message));
      // Another command may have removed an image since the index was read.
      if (problems.length > 0 && this.library.readEntries() !== entries) continue;
      problems.forEach((message) => this.#context.warn(message));
      return Promise.resolve(images);
    }
  }

  async tag(source: string, target: string): Promise<void> {
    const reference = parseTagged(target);
    if (reference.digest !== undefined) {
      throw new MydockerError('invalid', 'a digest cannot be given as a tag', { resource: `image ${JSON.stringify(target)}` });
    }
    const name = canonicalName(reference);
    const id = await this.library.withLock(async () => {
      const entries = this.library.readEntries();
      const found = findImage(this.library, entries, source);
      if (found === undefined) throw imageNotFound(source);
      await this.library.writeEntries(addNames(entries, found.descriptor, [name]));
      return this.library.readManifest(found.descriptor.digest).config.digest;
    });
    this.#context.events.append({ type: 'image', action: 'tag', id, attributes: { name: familiarName(reference) } });
  }

  async remove(reference: string, options: { readonly force?: boolean } = {}): Promise<readonly Removal[]> {
    const { removeImage } = await import('./remove-image.ts');
    return removeImage(this.#context, this.library, reference, options.force ?? false);
  }

  /** Returns the id of the new image. */
  async import(options: ImportOptions): Promise<string> {
    const { importImage } = await import('./import-image.ts');
    return importImage(this.#context, this.library, options);
  }

  /** Makes an image of a container's changes; who wants it at rest pauses it before. Returns the id of the new image. */
  async commit(container: Container, options: CommitOptions): Promise<string> {
    const { commitContainer } = await import('./commit-container.ts');
    return commitContainer(this.#context, this.library, container, options);
  }

  /** An archive of `docker save` or an OCI layout, plain or compressed. */
  async load(source: Readable): Promise<readonly LoadedImage[]> {
    const { loadImages } = await import('./load-images.ts');
    return loadImages(this.#context, this.library, source);
  }

  async save(references: readonly string[], output: NodeJS.WritableStream): Promise<void> {
    const { saveImages } = await import('./save-images.ts');
    await saveImages(this.#context, this.library, references, output);
  }

  /** From its registry. */
  async pull(reference: string, options: PullOptions = {}): Promise<PulledImage> {
    const { pullImage } = await import('./registry/pull-image.ts');
    return pullImage(this.#context, this.library, parseTagged(reference), options);
  }

  /** For a build: an image that is here will do when its registry has none or cannot be reached. */
  async pullBase(reference: string): Promise<void> {
    try {
      await this.pull(reference);
    } catch (error) {
      if (!(error instanceof MydockerError) || (await this.get(reference)) === undefined) throw error;
      this.#context.warn(`${reference} was not pulled: ${error.message}`);
    }
  }

  /** To its registry; returns the digest it has there. */
  async push(reference: string, onProgress: (progress: PushProgress) => void = () => undefined): Promise<string> {
    const { pushImage } = await import('./registry/push-image.ts');
    return pushImage(this.#context, this.library, parseTagged(reference), onProgress);
  }

  async prune(options: PruneOptions): Promise<Pruned> {
    const { pruneImages } = await import('./prune-images.ts');
    return pruneImages(this.#context, this.library, options);
  }

  async history(reference: string): Promise<readonly HistoryLine[]> {
    const { imageHistory } = await import('./image-history.ts');
    return imageHistory(this.library, reference);
  }

  /** In Docker's shape, for `image inspect`. */
  async inspect(reference: string): Promise<Record<string, unknown>> {
    const { inspectImage } = await import('./inspect-image.ts');
    return inspectImage(this.#context.roots, this.library, reference);
  }
}

export function openImageStore(context: RuntimeContext): LocalImageStore {
  return new LocalImageStore(context);
}
