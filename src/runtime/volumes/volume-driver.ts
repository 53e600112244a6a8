import type { VolumeMeta } from '../store/volume-record.ts';
import type { VolumeAccess } from './volume-access.ts';

/** Where the bytes of volumes live. The store keeps names, labels and uses; a driver keeps the data. */
export interface VolumeDriver {
  readonly name: string;
  /** Checks the options; a wrong one is an error `invalid` that names it. */
  check(options: Readonly<Record<string, string>>): void;
  /** Makes the volume with its record; it appears whole or not at all. */
  create(meta: VolumeMeta): Promise<void>;
  /** Writes the record anew: labels. */
  update(meta: VolumeMeta): Promise<void>;
  /** Another name for the same bytes, in one step; throws `conflict` when it is taken. */
  rename(name: string, newName: string): Promise<void>;
  list(): readonly string[];
  get(name: string): VolumeMeta | undefined;
  /** Takes the volume away; refuses what is not inside the driver's root. */
  remove(meta: VolumeMeta): Promise<void>;
  /** What people see as the mount point. */
  path(name: string): string;
  /** How a container reaches it. */
  access(meta: VolumeMeta): VolumeAccess;
}
