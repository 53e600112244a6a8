import { readlinkSync } from 'node:fs';
import { mkdir, readlink, rename, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { MydockerError } from '../../errors.ts';
import { errnoOf } from '../../util/errno.ts';
import { newId } from './ids.ts';

/**
 * Names that belong to ids: one symbolic link a name, since making one is atomic and fails when it is there.
 * Whether a name still counts is the caller's to say: its record is the truth, the link only finds it.
 */
export class NameIndex {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  lookUp(name: string): string | undefined {
    try {
      return readlinkSync(join(this.#folder, name));
    } catch {
      return undefined;
    }
  }

  /** Takes `name` for `id`. `isHolder` tells whether the id that has it still bears the name; if not, the name is taken over. */
  async reserve(name: string, id: string, isHolder: (id: string) => boolean): Promise<void> {
    const path = join(this.#folder, name);
    try {
      await mkdir(this.#folder, { recursive: true, mode: 0o700 });
      await symlink(id, path);
      return;
    } catch (error) {
      if (errnoOf(error) !== 'EEXIST') throw error;
    }
    const holder = await readlink(path).catch(() => '');
    if (holder === id) return;
    if (holder !== '' && isHolder(holder)) {
      throw new MydockerError('conflict', `the name ${JSON.stringify(name)} is already in use by ${holder.slice(0, 12)}`, {
        hint: 'Choose another name, or remove or rename what has it.',
      });
    }
    const replacement = join(this.#folder, `.${newId()}`);
    await symlink(id, replacement);
    await rename(replacement, path);
  }

  /** Gives the name back, if `id` has it. */
  async release(name: string, id: string): Promise<void> {
    if (this.lookUp(name) === id) await rm(join(this.#folder, name), { force: true });
  }
}

/** Docker's rule for the names of containers and volumes. */
export function checkName(name: string, what: string): void {
  if (/^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/.test(name) && name.length <= 255) return;
  throw new MydockerError(
    'invalid',
    `invalid ${what} name ${JSON.stringify(name)}: only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed, two characters at least`,
  );
}
