import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { errnoOf } from '../../util/errno.ts';
import type { Roots } from '../store/roots.ts';

/** A container as far as images are concerned: what must not be taken away from it. */
export interface ImageUser {
  readonly id: string;
  readonly name: string;
  readonly imageId: string;
  readonly layers: readonly string[];
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
  return { users: [...users, ...readBuilds(roots)], incomplete };
}

/** The file of a build's staging folder that lists the layers it goes on from: no image names them yet. */
export const LAYERS_IN_USE = 'layers-in-use';

function readBuilds({ data }: Roots): readonly ImageUser[] {
  const folder = join(data, 'tmp');
  return readdirSync(folder).flatMap((name) => {
    try {
      const layers = readFileSync(join(folder, name, LAYERS_IN_USE), 'utf8').split('\n');
      return [{ id: '', name: 'a build', imageId: '', layers: layers.filter((line) => line !== '') }];
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
    return { id: record.id, name: record.name, imageId: record.image.id, layers: [...record.image.layers, ...mounted] };
  } catch {
    return undefined;
  }
}
