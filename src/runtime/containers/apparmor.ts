import { readFileSync } from 'node:fs';
import type { SecuritySpec } from '../../model/container.ts';
import { textOfFile } from '../../util/text-of-file.ts';

/** The profile of containers that name none, as Docker's `docker-default`. */
export const DEFAULT_PROFILE = 'mydocker-default';

/** Whether the kernel enforces AppArmor's profiles. Without it Docker takes any profile name, so that a Compose file runs everywhere. */
export function hasAppArmor(): boolean {
  try {
    return readFileSync('/sys/module/apparmor/parameters/enabled', 'latin1').startsWith('Y');
  } catch {
    return false; // a kernel without the module
  }
}

/** The profile that a container is to have; undefined for none. */
export function wantedProfile({ apparmor, privileged }: Pick<SecuritySpec, 'apparmor' | 'privileged'>): string | undefined {
  if (apparmor === 'unconfined') return undefined;
  return apparmor ?? (privileged ? undefined : DEFAULT_PROFILE);
}

/** Whether the kernel has the default profile now. */
export function hasDefaultProfile(): boolean {
  return `\n${textOfFile('/sys/kernel/security/apparmor/profiles')}`.includes(`\n${DEFAULT_PROFILE} (`);
}

/** What a process that joins a container is to have: what the container itself could get. */
export function profileToJoin(security: Pick<SecuritySpec, 'apparmor' | 'privileged'>): string | undefined {
  const profile = wantedProfile(security);
  if (profile === undefined || !hasAppArmor()) return undefined;
  return profile !== DEFAULT_PROFILE || hasDefaultProfile() ? profile : undefined;
}
