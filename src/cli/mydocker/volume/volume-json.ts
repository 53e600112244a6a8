import type { VolumeRecord } from '../../../model/runtime.ts';

/** As `docker volume inspect` shows one. */
export function volumeJson({ created, driver, labels, mountpoint, name, driverOpts }: VolumeRecord): Readonly<Record<string, unknown>> {
  return {
    CreatedAt: created,
    Driver: driver,
    Labels: Object.keys(labels).length === 0 ? null : labels,
    Mountpoint: mountpoint,
    Name: name,
    Options: Object.keys(driverOpts).length === 0 ? null : driverOpts,
    Scope: 'local',
  };
}
