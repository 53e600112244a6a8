import { join } from 'node:path';
import { MydockerError } from '../../errors.ts';
import { isProtected, PROTECTED_LABEL } from '../../model/volume-protection.ts';
import type { VolumeRecord, VolumeStore } from '../../model/runtime.ts';
import type { RuntimeContext } from '../context.ts';
import type { Fields } from '../core/frame.ts';
import { CoreError, numberOf } from '../core/reply.ts';
import { newId } from '../store/ids.ts';
import { checkName } from '../store/names.ts';
import type { VolumeMeta } from '../store/volume-record.ts';
import { LocalDriver } from './local-driver.ts';
import type { VolumeAccess } from './volume-access.ts';
import type { VolumeDriver } from './volume-driver.ts';
import { VolumeTrash, type TrashedVolume } from './volume-trash.ts';

/** Names of the containers that mount each volume, by their records. */
export type FindUsers = () => ReadonlyMap<string, readonly string[]>;

export class Volumes implements VolumeStore {
  readonly #context: RuntimeContext;
  readonly #drivers: ReadonlyMap<string, VolumeDriver>;
  readonly #findUsers: FindUsers;

  /** Removed volumes; reach it through `listTrash`, `restore` and `emptyTrash`, which hold the lock. */
  readonly trash: VolumeTrash;

  constructor(context: RuntimeContext, findUsers: FindUsers) {
    this.#context = context;
    this.trash = new VolumeTrash(context);
    const drivers: readonly VolumeDriver[] = [new LocalDriver(context, this.trash)];
    this.#drivers = new Map(drivers.map((driver) => [driver.name, driver]));
    this.#findUsers = findUsers;
  }

  get(name: string): Promise<VolumeRecord | undefined> {
    const found = this.find(name);
    return Promise.resolve(found === undefined ? undefined : recordOf(found.meta, found.driver));
  }

  /** All volumes of all drivers, by name; a broken one is told through `warnings()` and left out. */
  list(): Promise<readonly VolumeRecord[]> {
    const records: VolumeRecord[] = [];
    for (const driver of this.#drivers.values()) {
      for (const name of driver.list()) {
        try {
          const meta = driver.get(name);
          if (meta !== undefined) records.push(recordOf(meta, driver));
        } catch (error) {
          if (!(error instanceof MydockerError)) throw error;
          this.#context.warn(`${error.resource ?? name}: ${error.message}`);
        }
      }
    }
    return Promise.resolve(records.sort((a, b) => (a.name < b.name ? -1 : 1)));
  }

  /** One that is there already with the same driver is returned as it is; its labels and options do not change. */
  async create(spec: Parameters<VolumeStore['create']>[0]): Promise<VolumeRecord> {
    const name = spec.name ?? newId();
    checkName(name, 'volume');
    const driver = this.#driver(spec.driver ?? 'local');
    const found = this.find(name);
    if (found !== undefined) {
      if (found.driver !== driver) {
        throw new MydockerError('conflict', `volume ${name} belongs to the driver ${found.driver.name}, not ${driver.name}`, {
          hint: 'Choose another name, or remove it first.',
        });
      }
      return recordOf(found.meta, driver);
    }
    const meta: VolumeMeta = {
      version: 1,
      name,
      driver: driver.name,
      driverOpts: spec.driverOpts ?? {},
      labels: spec.labels ?? {},
      created: new Date().toISOString(),
      anonymous: spec.anonymous ?? spec.name === undefined,
    };
    driver.check(meta.driverOpts);
    await driver.create(meta);
    this.#context.events.append({ type: 'volume', action: 'create', id: name, attributes: { driver: driver.name } });
    return recordOf(meta, driver);
  }

  /** The folder first, then the record: whatever is cut short can be done again. */
  async rename(name: string, newName: string, labels: Readonly<Record<string, string>>): Promise<void> {
    checkName(newName, 'volume');
    await this.#context.locks.withLock(storeLock(this.#context), async () => {
      const found = this.find(name);
      if (found === undefined) throw new MydockerError('not-found', `no such volume: ${name}`);
      if (newName !== name) await found.driver.rename(name, newName);
      await found.driver.update({ ...found.meta, name: newName, labels });
    });
    this.#context.events.append({ type: 'volume', action: 'rename', id: newName, attributes: { oldName: name } });
  }

  async remove(name: string, options: { readonly force?: boolean } = {}): Promise<void> {
    await this.#context.locks.withLock(storeLock(this.#context), () => this.#remove(name, options.force ?? false));
  }

  async #remove(name: string, force: boolean): Promise<void> {
    const found = this.find(name);
    if (found === undefined) {
      if (force) return;
      throw new MydockerError('not-found', `no such volume: ${name}`);
    }
    const users = this.#findUsers().get(name) ?? [];
    if (users.length > 0) {
      throw new MydockerError('conflict', `volume ${name} is in use by ${users.join(', ')}`, {
        hint: 'Remove the container first; a stopped one uses its volumes too.',
      });
    }
    if (isProtected(found.meta)) {
      throw new MydockerError('refused', `volume ${name} is protected`, {
        resource: `volume ${name}`,
        hint: `If it really is to go: \`mydocker volume unprotect ${name}\`, then again.`,
      });
    }
    await found.driver.remove(found.meta);
    this.#context.events.append({ type: 'volume', action: 'destroy', id: name, attributes: { driver: found.driver.name } });
  }

  /** Bytes on disk of the volume's own folder; 0 when it is gone. */
  async sizeOf(name: string): Promise<number> {
    const fields: Fields = [
      ['root', join(this.#context.roots.data, 'volumes')],
      ['path', name],
    ];
    try {
      return numberOf(await this.#context.core.request('stat_tree', fields), 'bytes');
    } catch (error) {
      if (error instanceof CoreError && error.errno === 'ENOENT') return 0;
      throw error;
    }
  }

  /** See `VolumeTrash.list`. */
  async listTrash(): Promise<readonly TrashedVolume[]> {
    return this.#context.locks.withLock(storeLock(this.#context), () => this.trash.list());
  }

  trashed(): readonly string[] {
    return this.trash.names();
  }

  /** See `VolumeTrash.restore`. */
  async restore(reference: string, newName?: string): Promise<string> {
    const name = await this.#context.locks.withLock(storeLock(this.#context), () => this.trash.restore(reference, newName));
    this.#context.events.append({ type: 'volume', action: 'restore', id: name, attributes: {} });
    return name;
  }

  /** See `VolumeTrash.empty`. */
  async emptyTrash(references: readonly string[]): Promise<number> {
    return this.#context.locks.withLock(storeLock(this.#context), () => this.trash.empty(references));
  }

  /** Puts the protection on or takes it off; what the volume holds is not touched. */
  async protect(name: string, on: boolean): Promise<void> {
    await this.#context.locks.withLock(storeLock(this.#context), async () => {
      const found = this.find(name);
      if (found === undefined) throw new MydockerError('not-found', `no such volume: ${name}`);
      const { [PROTECTED_LABEL]: _, ...labels } = found.meta.labels;
      await found.driver.update({ ...found.meta, labels: on ? { ...labels, [PROTECTED_LABEL]: 'true' } : labels });
    });
  }

  /** Unlike `get`: the record as it is kept, and whose it is. */
  find(name: string): { readonly meta: VolumeMeta; readonly driver: VolumeDriver } | undefined {
    for (const driver of this.#drivers.values()) {
      const meta = driver.get(name);
      if (meta !== undefined) return { meta, driver };
    }
    return undefined;
  }

  /** How a container reaches it; throws `not-found`. */
  access(name: string): VolumeAccess {
    const found = this.find(name);
    if (found === undefined) throw new MydockerError('not-found', `no such volume: ${name}`);
    return found.driver.access(found.meta);
  }

  /** The folder of the volume's own bytes, whatever its options say. */
  dataFolder(name: string): string {
    return this.find(name)?.driver.path(name) ?? '';
  }

  #driver(name: string): VolumeDriver {
    const driver = this.#drivers.get(name);
    if (driver !== undefined) return driver;
    throw new MydockerError('unsupported', `there is no volume driver ${JSON.stringify(name)}`, {
      hint: `There are: ${[...this.#drivers.keys()].join(', ')}.`,
    });
  }
}

/**
 * Held while a container's record appears or changes its name and while a volume goes: so no two containers have one name, and a volume is
 * not removed from under a container that is being made.
 */
export function storeLock({ roots }: Pick<RuntimeContext, 'roots'>): string {
  return join(roots.data, 'locks', 'store');
}

function recordOf(meta: VolumeMeta, driver: VolumeDriver): VolumeRecord {
  const { name, driverOpts, labels, created, anonymous } = meta;
  return { name, driver: driver.name, driverOpts, labels, created, anonymous, mountpoint: driver.path(name) };
}
