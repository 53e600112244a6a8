import { appendFileSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { errnoOf } from '../../util/errno.ts';
import type { Roots } from '../store/roots.ts';

/** A container as far as images are concerned: what must not be taken away from it. */
export interface ImageUser {
  readonly id: string;
  readonly name: string;
  readonly imageId: string;
  readonly layers: readonly string[];
  /** More than the archives of the layers. */
  readonly blobs: readonly string[];
}

export interface ImageUsers {
  readonly users: readonly ImageUser[];
  /** A record could not be read: nobody knows what it needs. */
  readonly incomplete: boolean;
}

/** Reads the containers' records without judging them: removing an image must not depend on their other parts. */
export function readImageUsers(roots: Roots): ImageUsers {
  const folder = join(roots.data, 'containers');
  const users: ImageUser[] = [];
  let incomplete = false;
  for (const name of readdirSync(folder)) {
    // A container in the making counts: it looks for its layers after its record is written (create.ts).
    if (name.startsWith('.') && !name.startsWith('.new-')) continue;
    let text: string;
    try {
      text = readFileSync(join(folder, name, 'config.json'), 'utf8');
    } catch (error) {
      // A container that is being made or removed has no record.
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT' && (error as NodeJS.ErrnoException).code !== 'ENOTDIR') incomplete = true;
      continue;
    }
    const user = parseUser(text);
    if (user === undefined) incomplete = true;
    else users.push(user);
  }
  return { users: [...users, ...readStagings(roots)], incomplete };
}

/** A file of a command's staging folder: what it goes on from, and no image need name. */
const IN_USE = 'in-use';

/**
 * From now on no removal takes these layers and blobs away, as long as the staging folder is there. Only with the images' lock held:
 * what is there now, stays.
 */
export function markInUse(staging: string, digests: readonly string[]): void {
  appendFileSync(join(staging, IN_USE), digests.map((digest) => `${digest}\n`).join(''), { mode: 0o600 });
}

function readStagings({ data }: Roots): readonly ImageUser[] {
  const folder = join(data, 'tmp');
  return readdirSync(folder).flatMap((name) => {
    try {
      const lines = readFileSync(join(folder, name, IN_USE), 'utf8').split('\n');
      const digests = lines.filter((line) => line !== '');
      return [{ id: '', name: 'a command', imageId: '', layers: digests, blobs: digests }];
    } catch (error) {
      if (['ENOENT', 'ENOTDIR'].includes(errnoOf(error))) return [];
      throw error;
    }
  });
}

function parseUser(text: string): ImageUser | undefined {
  try {
    const record = JSON.parse(text) as {
      readonly id: string;
      readonly name: string;
      readonly image: { readonly id: string; readonly layers: readonly string[] };
      readonly mounts: readonly { readonly type: string; readonly layers?: readonly string[] }[];
    };
    const mounted = record.mounts.flatMap((mount) => (mount.type === 'image' ? (mount.layers ?? []) : []));
    return { id: record.id, name: record.name, imageId: record.image.id, layers: [...record.image.layers, ...mounted], blobs: [] };
  } catch {
    return undefined;
  }
}
