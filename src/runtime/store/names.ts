import { existsSync, mkdirSync, readdirSync, readlinkSync, renameSync, symlinkSync, unlinkSync } from 'node:fs';
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

  /** Takes `name` for `id`; the caller sees to it that nobody else does in the same moment. `isHolder` tells whether the id that has it still bears the name; if not, the name is taken over. */
  reserve(name: string, id: string, isHolder: (id: string) => boolean): void {
    const path = join(this.#folder, name);
    if (this.#take(path, id)) return;
    const holder = this.lookUp(name) ?? '';
    if (holder === id) return;
    if (holder !== '' && isHolder(holder)) {
      throw new MydockerError('conflict', `the name ${JSON.stringify(name)} is already in use by ${holder.slice(0, 12)}`, {
        hint: 'Choose another name, or remove or rename what has it.',
      });
    }
    const replacement = join(this.#folder, `.${newId()}`);
    symlinkSync(id, replacement);
    renameSync(replacement, path);
  }

  /** False when somebody has it. */
  #take(path: string, id: string): boolean {
    try {
      symlinkSync(id, path);
      return true;
    } catch (error) {
      const code = errnoOf(error);
      if (code === 'EEXIST') return false;
      if (code !== 'ENOENT') throw error;
    }
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
    return this.#take(path, id);
  }

  /** The link that leads from the name to its id. */
  linkOf(name: string): string {
    return join(this.#folder, name);
  }

  /** Gives the name back, if `id` has it. */
  release(name: string, id: string): void {
    if (this.lookUp(name) !== id) return;
    try {
      unlinkSync(join(this.#folder, name));
    } catch (error) {
      if (errnoOf(error) !== 'ENOENT') throw error;
    }
  }

  /** Gives back what else `id` has, such as the second name of a rename that was cut off; looks only if there are more names than `holders`. */
  releaseRest(id: string, holders: number): void {
    const names = existsSync(this.#folder) ? readdirSync(this.#folder) : [];
    if (names.length <= holders) return;
    for (const name of names) this.release(name, id);
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
