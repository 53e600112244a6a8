import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { MydockerError } from '../../errors.ts';
import type { RuntimeContext } from '../context.ts';
import type { Descriptor } from '../store/image-records.ts';
import { hexOf } from '../store/layer-path.ts';
import { findImage, imageNotFound, repositoryOf } from './find-image.ts';
import { collectGarbage } from './garbage.ts';
import type { ImageLibrary } from './image-library.ts';
import { readImageUsers, type ImageUser } from './image-users.ts';
import { removeName, type IndexEntry } from './index-entries.ts';
import { familiarName, parseReference } from './reference.ts';

export interface Removal {
  readonly untagged?: string;
  readonly deleted?: string;
}

/** Takes a name away, and the image with its last one; by id: the image with all its names. */
export async function removeImage(
  context: RuntimeContext,
  library: ImageLibrary,
  reference: string,
  force: boolean,
): Promise<readonly Removal[]> {
  return library.withLock(async () => {
    const entries = library.readEntries();
    const found = findImage(library, entries, reference);
    if (found === undefined) throw imageNotFound(reference);
    const removal = new ImageRemoval(context, library, entries, found.descriptor, force);
    const removals = found.name === undefined ? removal.byId(reference) : removal.byName(found.name);
    await library.writeEntries(removal.entries);
    await collectGarbage(context, library);
    for (const { untagged, deleted } of removals) {
      context.events.append({
        type: 'image',
        action: deleted === undefined ? 'untag' : 'delete',
        id: removal.id,
        attributes: { name: untagged ?? '' },
      });
    }
    return removals;
  });
}

class ImageRemoval {
  readonly #force: boolean;
  readonly #users: readonly ImageUser[];
  readonly #context: RuntimeContext;
  readonly #descriptor: Descriptor;
  readonly id: string;
  entries: readonly IndexEntry[];

  constructor(context: RuntimeContext, library: ImageLibrary, entries: readonly IndexEntry[], descriptor: Descriptor, force: boolean) {
    this.#context = context;
    this.#force = force;
    this.#descriptor = descriptor;
    this.entries = entries;
    this.id = library.readManifest(descriptor.digest).config.digest;
    this.#users = readImageUsers(context.roots).users.filter(({ imageId }) => imageId === this.id);
  }

  byName(name: string): readonly Removal[] {
    const others = this.#names().filter((other) => other !== name);
    const sameRepository = others.filter((other) => other.includes('@') && repositoryOf(other) === repositoryOf(name));
    const remaining = others.filter((other) => !sameRepository.includes(other));
    const [user] = this.#users;
    if (!this.#force && remaining.length === 0 && user !== undefined) throw this.#inUse(user, familiar(name));
    // Digests of a repository go with its last tag.
    const lastTag = name.includes('@') || !others.some((other) => !other.includes('@') && repositoryOf(other) === repositoryOf(name));
    const removals = this.#untag([name, ...(lastTag ? sameRepository : [])]);
    return remaining.length > 0 || !lastTag ? removals : [...removals, ...this.#deleteUnlessUsed()];
  }

  byId(reference: string): readonly Removal[] {
    const names = this.#names();
    const running = this.#users.find(({ id }) => isRunning(this.#context, id));
    if (running !== undefined) throw this.#inUse(running, reference, 'a running container cannot be left without its image');
    const repositories = new Set(names.map((name) => repositoryOf(name)));
    if (!this.#force && (repositories.size > 1 || names.filter((name) => !name.includes('@')).length > 1)) {
      throw new MydockerError('conflict', `it is referenced by several names: ${names.map(familiar).join(', ')}`, {
        resource: `image ${reference}`,
        hint: 'Remove the names one by one, or use --force.',
      });
    }
    const [user] = this.#users;
    if (!this.#force && user !== undefined) throw this.#inUse(user, reference);
    return [...this.#untag(names), ...this.#delete()];
  }

  #names(): readonly string[] {
    return this.entries.flatMap(({ descriptor, name }) =>
      descriptor.digest === this.#descriptor.digest && name !== undefined ? [name] : [],
    );
  }

  #untag(names: readonly string[]): readonly Removal[] {
    for (const name of names) this.entries = removeName(this.entries, name);
    return names.map((name) => ({ untagged: familiar(name) }));
  }

  /** A container still needs it: the image stays without a name. */
  #deleteUnlessUsed(): readonly Removal[] {
    return this.#users.length > 0 ? [] : this.#delete();
  }

  #delete(): readonly Removal[] {
    this.entries = this.entries.filter(({ descriptor }) => descriptor.digest !== this.#descriptor.digest);
    return [{ deleted: this.id }];
  }

  #inUse(user: ImageUser, reference: string, reason = 'a container uses it'): MydockerError {
    return new MydockerError('conflict', `${reason}: ${user.name} (${user.id.slice(0, 12)})`, {
      resource: `image ${reference}`,
      hint: reason.startsWith('a running') ? 'Stop and remove the container first.' : 'Remove the container first, or use --force.',
    });
  }
}

function familiar(name: string): string {
  return familiarName(parseReference(name));
}

/** By the supervisor's own file, which is there as long as this boot; whether it still lives does not matter for a refusal. */
function isRunning(context: RuntimeContext, id: string): boolean {
  const path = join(context.roots.run, 'containers', hexOf(id), 'state.json');
  if (!existsSync(path)) return false;
  try {
    const state = JSON.parse(readFileSync(path, 'utf8')) as { readonly status?: string; readonly supervisor?: { readonly pid?: number } };
    return (
      ['running', 'paused', 'restarting'].includes(state.status ?? '') && existsSync(`/proc/${String(state.supervisor?.pid ?? 0)}/stat`)
    );
  } catch {
    return false;
  }
}
