import { existsSync, lstatSync, readdirSync, realpathSync } from 'node:fs';
import { mkdir, rename } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import { MydockerError } from '../../errors.ts';
import { errnoOf } from '../../util/errno.ts';
import type { RuntimeContext } from '../context.ts';
import { readJsonIfExists, syncFolder, writeJson } from '../store/json-file.ts';
import { removeTrashed, sweepTrash, trashName } from '../store/trash.ts';
import { SEALS } from '../store/seal.ts';
import { volumeMeta, type VolumeMeta } from '../store/volume-record.ts';
import type { VolumeAccess } from './volume-access.ts';
import type { VolumeDriver } from './volume-driver.ts';
import type { VolumeTrash } from './volume-trash.ts';

const OPTIONS = ['type', 'o', 'device'];

/** Folders below `volumes/`; with `driver_opts` (type, o, device) what they name, mounted in each container's own namespace. */
export class LocalDriver implements VolumeDriver {
  readonly name = 'local';
  readonly #context: RuntimeContext;
  readonly #root: string;

  readonly #trash: VolumeTrash;

  constructor(context: RuntimeContext, trash: VolumeTrash) {
    this.#context = context;
    this.#trash = trash;
    this.#root = join(context.roots.data, 'volumes');
  }

  check(options: Readonly<Record<string, string>>): void {
    const unknown = Object.keys(options).find((key) => !OPTIONS.includes(key));
    if (unknown !== undefined) {
      throw new MydockerError('invalid', `the local driver has no option ${JSON.stringify(unknown)}`, {
        hint: `It knows ${OPTIONS.join(', ')}.`,
      });
    }
    const { type = '', device = '', o = '' } = options;
    if (type !== '' && device === '') throw new MydockerError('invalid', 'the local driver needs "device" with "type"');
    if (device !== '' && type === '' && o === '') throw new MydockerError('invalid', 'the local driver needs "type" or "o" with "device"');
    if (isBind(options) && !isAbsolute(device)) {
      throw new MydockerError('invalid', `the device ${JSON.stringify(device)} of a bind is not an absolute path`);
    }
  }

  async create(meta: VolumeMeta): Promise<void> {
    const folder = this.#folder(meta.name);
    // What a killed command leaves there goes with the next sweep.
    const unfinished = trashName(meta.name);
    const fresh = join(this.#context.roots.data, 'trash', unfinished);
    await mkdir(join(fresh, '_data'), { recursive: true, mode: 0o755 });
    await writeJson(join(fresh, 'meta.json'), meta, { seal: SEALS.volume });
    try {
      await rename(fresh, folder);
    } catch (error) {
      await removeTrashed(this.#context, unfinished);
      if (errnoOf(error) === 'ENOTEMPTY' || errnoOf(error) === 'EEXIST') return;
      throw error;
    }
    await syncFolder(this.#root);
  }

  async update(meta: VolumeMeta): Promise<void> {
    await writeJson(join(this.#folder(meta.name), 'meta.json'), meta, { seal: SEALS.volume });
  }

  list(): readonly string[] {
    return readdirSync(this.#root).filter((name) => !name.startsWith('.'));
  }

  get(name: string): VolumeMeta | undefined {
    const path = join(this.#folder(name), 'meta.json');
    const read = (): VolumeMeta | undefined =>
      readJsonIfExists(path, volumeMeta, {
        resource: `volume ${name}`,
        repair: `Its data is in ${this.path(name)}; restore meta.json or move the data elsewhere and remove the folder.`,
        seal: SEALS.volume,
      });
    // Again: another command may have made it after the first look.
    const meta = read() ?? (existsSync(this.#folder(name)) ? read() : undefined);
    if (meta === undefined && existsSync(this.#folder(name))) {
      throw new MydockerError('corrupt', `${path} is missing`, {
        resource: `volume ${name}`,
        hint: `Its data, if any, is in ${this.path(name)}.`,
      });
    }
    // The folder is what counts: a rename that was cut short has not reached the record yet.
    return meta === undefined ? undefined : { ...meta, name };
  }

  async rename(name: string, newName: string): Promise<void> {
    if (existsSync(this.#folder(newName))) throw new MydockerError('conflict', `there is a volume ${newName} already`);
    await rename(this.#folder(name), this.#folder(newName));
    await syncFolder(this.#root);
  }

  /**
   * The folder leaves its name in one step. A named volume with data in it can be brought back for a while; of others the
   * content goes afterwards, and a crash in between leaves it to the next command.
   */
  async remove({ name, anonymous }: VolumeMeta): Promise<void> {
    const folder = this.#folder(name);
    const real = realpathSync(folder);
    if (real !== join(realpathSync(this.#root), name) || lstatSync(folder).isSymbolicLink()) {
      throw new MydockerError('refused', `${folder} leads to ${real}, outside ${this.#root}`, {
        resource: `volume ${name}`,
        hint: 'Nothing was removed; look at the link and remove it by hand.',
      });
    }
    if (!anonymous && this.#trash.keeps && readdirSync(this.path(name)).length > 0) {
      await this.#trash.put(name);
      return;
    }
    const trashed = trashName(name);
    await rename(folder, join(this.#context.roots.data, 'trash', trashed));
    await syncFolder(this.#root);
    await removeTrashed(this.#context, trashed);
    await sweepTrash(this.#context);
  }

  path(name: string): string {
    return join(this.#folder(name), '_data');
  }

  access(meta: VolumeMeta): VolumeAccess {
    const { type = '', o = '', device = '' } = meta.driverOpts;
    if (device === '') return { kind: 'folder', path: this.path(meta.name) };
    if (isBind(meta.driverOpts)) {
      const readOnly = o.split(',').includes('ro');
      return { kind: 'folder', path: device, ...(readOnly ? { readOnly } : {}) };
    }
    return { kind: 'mount', type, source: device, options: o.split(',').filter(Boolean) };
  }

  #folder(name: string): string {
    if (!/^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/.test(name)) throw new MydockerError('invalid', `invalid volume name ${JSON.stringify(name)}`);
    return join(this.#root, name);
  }
}

function isBind({ type = '', o = '' }: Readonly<Record<string, string>>): boolean {
  return o.split(',').some((option) => option === 'bind' || option === 'rbind') || type === 'bind';
}
