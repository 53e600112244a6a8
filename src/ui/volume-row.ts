import type { VolumeRecord } from '../model/runtime.ts';

/** A volume with the fields of Docker's listings. */
export function volumeRow({ name, driver, labels, mountpoint }: VolumeRecord): Readonly<Record<string, string>> {
  return {
    Availability: 'N/A',
    Driver: driver,
    Group: 'N/A',
    Labels: Object.entries(labels)
      .map(([key, value]) => `${key}=${value}`)
      .join(','),
    Links: 'N/A',
    Mountpoint: mountpoint,
    Name: name,
    Scope: 'local',
    Size: 'N/A',
    Status: 'N/A',
  };
}

export const VOLUME_COLUMNS = [
  { heading: 'DRIVER', field: 'Driver' },
  { heading: 'VOLUME NAME', field: 'Name' },
];
