import type { VolumeRecord } from './runtime.ts';

/** A volume with this label set to `true` is not removed by any command until the label is taken away. */
export const PROTECTED_LABEL = 'mydocker.protected';

export function isProtected({ labels }: Pick<VolumeRecord, 'labels'>): boolean {
  return labels[PROTECTED_LABEL] === 'true';
}
