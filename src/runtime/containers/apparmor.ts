import { readFileSync } from 'node:fs';

/** Whether the kernel enforces AppArmor's profiles. Without it Docker takes any profile name, so that a Compose file runs everywhere. */
export function hasAppArmor(): boolean {
  try {
    return readFileSync('/sys/module/apparmor/parameters/enabled', 'latin1').startsWith('Y');
  } catch {
    return false; // a kernel without the module
  }
}
