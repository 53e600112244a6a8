import { existsSync, statSync } from 'node:fs';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MydockerError } from '../../errors.ts';
import type { RuntimeContext } from '../context.ts';
import { readJsonIfExists, syncFolder, writeJson } from '../store/json-file.ts';
import {
  imageConfigSchema,
  indexSchema,
  layerRecordSchema,
  manifestSchema,
  type Descriptor,
  type ImageConfigFile,
  type LayerRecord,
  type Manifest,
} from '../store/image-records.ts';
import { hexOf, layerPath } from '../store/layer-path.ts';
import { markInUse } from './image-users.ts';
import { entriesOf, indexOf, type IndexEntry } from './index-entries.ts';

/** An unpacked layer that waits to be moved into the store. */
export interface StagedLayer {
  readonly diffId: string;
  readonly path: string;
  /** The archive it came from: what an image's manifest names. */
  readonly blob: Descriptor;
  readonly size: number;
  readonly entries: number;
}
/** What a command has made of an image and is not in the store yet. */
export interface StagedImage {
  readonly manifest: Descriptor;
  /** Digest -> file. */
  readonly blobs: ReadonlyMap<string, string>;
  readonly layers: readonly StagedLayer[];
}

const REPAIR = 'Restore the file from a backup, or remove the folder of images and load them again.';

/** The files of the image store: an OCI image layout below `images/`, unpacked layers below `layers/`. */
export class ImageLibrary {
  readonly #context: RuntimeContext;
  readonly #root: string;
  #read: { readonly version: string; readonly entries: readonly IndexEntry[] } | undefined;

  constructor(context: RuntimeContext) {
    this.#context = context;
    this.#root = join(context.roots.data, 'images');
  }

  get lockPath(): string {
    return join(this.#context.roots.data, 'locks', 'images');
  }

  async withLock<T>(use: () => Promise<T>): Promise<T> {
    return this.#context.locks.withLock(this.lockPath, use);
  }

  /** See `markInUse`; takes the lock. */
  async keep(staging: string, digests: readonly string[]): Promise<void> {
    await this.withLock(() => {
      markInUse(staging, digests);
      return Promise.resolve();
    });
  }

  /** The same array as long as the index is the same file: it is never changed, only replaced. */
  readEntries(): readonly IndexEntry[] {
    const path = join(this.#root, 'index.json');
    const file = statSync(path, { bigint: true, throwIfNoEntry: false });
    const version = file === undefined ? '' : `${file.ino} ${file.mtimeNs} ${file.size}`;
    if (version !== this.#read?.version) {
      const index = readJsonIfExists(path, indexSchema, { resource: 'image store', repair: REPAIR });
      this.#read = { version, entries: index === undefined ? [] : entriesOf(index) };
    }
    return this.#read.entries;
  }

  /**
   * What `read` makes of the index, without the lock. Names go before blobs: when something is missing and the index is another
   * one by now, it is read again.
   */
  reading<T>(read: (entries: readonly IndexEntry[]) => T): T {
    for (;;) {
      const entries = this.readEntries();
      try {
        return read(entries);
      } catch (error) {
        const isBroken = error instanceof MydockerError && error.code === 'corrupt';
        if (!isBroken || this.readEntries() === entries) throw error;
      }
    }
  }

  /** Only with the lock held. */
  async writeEntries(entries: readonly IndexEntry[]): Promise<void> {
    await writeJson(join(this.#root, 'index.json'), indexOf(entries));
  }

  blobPath(digest: string): string {
    return join(this.#root, 'blobs', 'sha256', hexOf(digest));
  }

  hasBlob(digest: string): boolean {
    return existsSync(this.blobPath(digest));
  }

  hasLayer(diffId: string): boolean {
    return existsSync(layerPath(this.#context.roots, diffId));
  }

  readManifest(digest: string): Manifest {
    return this.#readBlob(digest, manifestSchema, 'manifest');
  }

  readConfig(digest: string): ImageConfigFile {
    return this.#readBlob(digest, imageConfigSchema, 'config');
  }

  /** Bytes of the layer's files; 0 when nothing is known. */
  layerSize(diffId: string): number {
    return this.#layerRecord(diffId)?.size ?? 0;
  }

  /** Digest of the blob that a layer was unpacked from, be it there or not. */
  layerArchive(diffId: string): string | undefined {
    return this.#layerRecord(diffId)?.blob.digest;
  }

  /** The blob that a layer was unpacked from. */
  layerBlob(diffId: string): Descriptor {
    const blob = this.#layerRecord(diffId)?.blob;
    if (blob !== undefined && this.hasBlob(blob.digest)) return blob;
    throw new MydockerError('corrupt', 'its archive is missing', { resource: `layer ${diffId}`, hint: REPAIR });
  }

  #layerRecord(diffId: string): LayerRecord | undefined {
    const kind = { resource: `layer ${diffId}`, repair: REPAIR };
    return readJsonIfExists(`${layerPath(this.#context.roots, diffId)}.json`, layerRecordSchema, kind);
  }

  /**
   * Moves what is staged into the store; only with the lock held, so that nothing is taken away meanwhile. Whole layers
   * and blobs come first and the index last: a cut in between leaves files that the next removal sweeps, never a
   * broken image.
   */
  async adopt(staged: StagedImage): Promise<void> {
    await this.adoptFiles(staged.layers, staged.blobs);
    this.#checkWhole(staged.manifest);
  }

  /** Layers and blobs that no image names yet: what a build goes on from. Only with the lock held. */
  async adoptFiles(layers: readonly StagedLayer[], blobs: ReadonlyMap<string, string>): Promise<void> {
    await mkdir(join(this.#root, 'blobs', 'sha256'), { recursive: true, mode: 0o700 });
    const layout = join(this.#root, 'oci-layout');
    if (!existsSync(layout)) await writeFile(layout, '{"imageLayoutVersion":"1.0.0"}\n', { mode: 0o600 });
    for (const layer of layers) await this.#adoptLayer(layer);
    for (const [digest, path] of blobs) if (!this.hasBlob(digest)) await rename(path, this.blobPath(digest));
    await syncFolder(join(this.#context.roots.data, 'layers'));
    await syncFolder(join(this.#root, 'blobs', 'sha256'));
  }

  async #adoptLayer({ diffId, path, blob, size, entries }: StagedLayer): Promise<void> {
    const target = layerPath(this.#context.roots, diffId);
    if (existsSync(target)) return;
    await writeJson(`${target}.json`, { version: 1, diffId, size, entries, blob });
    await rename(path, target);
  }

  #checkWhole(descriptor: Descriptor): void {
    const manifest = this.readManifest(descriptor.digest);
    const config = this.readConfig(manifest.config.digest);
    const lost = [...manifest.layers.map(({ digest }) => digest).filter((digest) => !this.hasBlob(digest))];
    lost.push(...(config.rootfs.diff_ids ?? []).filter((diffId) => !this.hasLayer(diffId)));
    if (lost.length === 0) return;
    throw new MydockerError('conflict', `another command removed ${lost.join(', ')} meanwhile`, { hint: 'Run the command again.' });
  }

  #readBlob<T>(digest: string, schema: Parameters<typeof readJsonIfExists<T>>[1], what: string): T {
    const path = this.blobPath(digest);
    const value = readJsonIfExists(path, schema, { resource: `image ${what} ${digest}`, repair: REPAIR });
    if (value !== undefined) return value;
    throw new MydockerError('corrupt', `${path} is missing`, { resource: `image ${what} ${digest}`, hint: REPAIR });
  }
}
