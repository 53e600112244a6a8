import { mkdir, readdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { errnoOf } from '../../util/errno.ts';
import { randomHex } from '../../util/random.ts';
import type { RuntimeContext } from '../context.ts';
import type { ImageLibrary } from './image-library.ts';
import { readImageUsers } from './image-users.ts';
import { removeFolder, removeLeftover } from './remove-folder.ts';

/**
 * Removes the blobs and layers that neither an image of the index nor a container nor a command under way needs; only with the
 * images' lock held. Returns the bytes of the layers that went. Where a record cannot be read, everything it might need stays.
 *
 * A container writes its record before it looks for its layers, and without the lock. So what seems to be needed by nobody is moved
 * away, then the records are read again, and what is needed now comes back.
 */
export async function collectGarbage(context: RuntimeContext, library: ImageLibrary): Promise<number> {
  const garbage = new Garbage(context, library);
  await garbage.finishEarlier();
  return garbage.collect();
}

/** What is to stay, by digest. */
interface Needs {
  readonly layers: ReadonlySet<string>;
  /** Without the archives of the layers that are there. */
  readonly blobs: ReadonlySet<string>;
}

class Garbage {
  readonly #context: RuntimeContext;
  readonly #library: ImageLibrary;
  readonly #tmp: string;
  readonly #layers: string;
  readonly #blobs: string;

  constructor(context: RuntimeContext, library: ImageLibrary) {
    const { data } = context.roots;
    this.#context = context;
    this.#library = library;
    this.#tmp = join(data, 'tmp');
    this.#layers = join(data, 'layers');
    this.#blobs = join(data, 'images', 'blobs', 'sha256');
  }

  async collect(): Promise<number> {
    const needs = this.#needs();
    if (needs === undefined) return 0;
    const away = join(this.#tmp, `garbage-${randomHex(8)}`);
    await mkdir(join(away, 'layers'), { recursive: true, mode: 0o700 });
    await mkdir(join(away, 'blobs'), { mode: 0o700 });
    const sizes = await this.#takeAway(needs, away);
    await this.#putBack(away);
    const gone = await digests(join(away, 'layers'));
    await removeFolder(this.#context, away);
    return gone.reduce((sum, digest) => sum + (sizes.get(digest) ?? 0), 0);
  }

  /** What a removal that was killed had moved away; a container that was made meanwhile may need it. */
  async finishEarlier(): Promise<void> {
    for (const name of await readdir(this.#tmp)) {
      if (!/^garbage-[0-9a-f]{16}$/.test(name)) continue;
      const away = join(this.#tmp, name);
      await this.#putBack(away);
      await removeLeftover(this.#context, away);
    }
  }

  /** Undefined when a record cannot be read: those who list images or containers tell which. */
  #needs(): Needs | undefined {
    const { users, incomplete } = readImageUsers(this.#context.roots);
    if (incomplete) return undefined;
    const layers = new Set(users.flatMap((user) => user.layers));
    // A container may be committed when its image has lost its last name.
    const blobs = new Set(users.flatMap((user) => [user.imageId, ...user.blobs]));
    try {
      for (const { descriptor } of this.#library.readEntries()) {
        const manifest = this.#library.readManifest(descriptor.digest);
        for (const digest of [descriptor.digest, manifest.config.digest, ...manifest.layers.map((layer) => layer.digest)])
          blobs.add(digest);
        for (const diffId of this.#library.readConfig(manifest.config.digest).rootfs.diff_ids ?? []) layers.add(diffId);
      }
    } catch {
      return undefined;
    }
    return { layers, blobs };
  }

  /** The archives of the layers that are there: one goes with its layer, whoever needs that. */
  async #archives(): Promise<ReadonlySet<string>> {
    return new Set((await digests(this.#layers)).flatMap((diffId) => this.#library.layerArchive(diffId) ?? []));
  }

  /** Returns the sizes of the layers it took. */
  async #takeAway(needs: Needs, away: string): Promise<ReadonlyMap<string, number>> {
    const sizes = new Map<string, number>();
    for (const diffId of await digests(this.#layers)) {
      if (needs.layers.has(diffId)) continue;
      sizes.set(diffId, this.#library.layerSize(diffId));
      await this.#move(this.#layers, join(away, 'layers'), diffId);
    }
    const archives = await this.#archives();
    for (const digest of await digests(this.#blobs)) {
      if (!needs.blobs.has(digest) && !archives.has(digest)) await this.#move(this.#blobs, join(away, 'blobs'), digest);
    }
    return sizes;
  }

  async #putBack(away: string): Promise<void> {
    const needs = this.#needs();
    for (const diffId of await digests(join(away, 'layers'))) {
      if (needs?.layers.has(diffId) !== false) await this.#move(join(away, 'layers'), this.#layers, diffId);
    }
    const archives = await this.#archives();
    for (const digest of await digests(join(away, 'blobs'))) {
      if (needs?.blobs.has(digest) !== false || archives.has(digest)) await this.#move(join(away, 'blobs'), this.#blobs, digest);
    }
  }

  /** A layer's record is there whenever the layer is. What is at the target already is as good. */
  async #move(from: string, to: string, digest: string): Promise<void> {
    const name = digest.slice('sha256:'.length);
    const isComing = from !== this.#layers && from !== this.#blobs;
    const names = isComing ? [`${name}.json`, name] : [name, `${name}.json`];
    for (const item of names) {
      await rename(join(from, item), join(to, item)).catch((error: unknown) => {
        if (!['ENOENT', 'ENOTEMPTY', 'EEXIST'].includes(errnoOf(error))) throw error;
      });
    }
  }
}

/** Of the layers or blobs in a folder, by their names. */
async function digests(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder).catch(() => []);
  return names.filter((name) => /^[0-9a-f]{64}$/.test(name)).map((name) => `sha256:${name}`);
}
