import { delimiter } from 'node:path';
import { DEFAULT_PROFILE, hasAppArmor, hasDefaultProfile, wantedProfile } from './apparmor.ts';
import type { SecuritySpec } from '../../model/container.ts';

export interface AppArmorChoice {
  readonly profile?: string;
  /** Why a profile that was wanted is not set. */
  readonly warning?: string;
}

/** Chooses the profiles of containers, and gives the kernel the default one when it does not have it (once after each boot). */
export class AppArmorProfiles {
  readonly #isEnabled: () => boolean;
  #loading: Promise<string | undefined> | undefined;

  constructor(isEnabled: () => boolean = hasAppArmor) {
    this.#isEnabled = isEnabled;
  }

  async choose(security: SecuritySpec): Promise<AppArmorChoice> {
    const profile = wantedProfile(security);
    if (profile === undefined) return {};
    if (!this.#isEnabled()) {
      const warning = `the AppArmor profile ${profile} is not set: this host does not have AppArmor enabled`;
      return security.apparmor === undefined ? {} : { warning };
    }
    if (profile !== DEFAULT_PROFILE) return { profile };
    const problem = await (this.#loading ??= loadDefault());
    return problem === undefined ? { profile } : { warning: `containers run without an AppArmor profile: ${problem}` };
  }
}

/** Undefined when the kernel has it, else why not. */
async function loadDefault(): Promise<string | undefined> {
  if (hasDefaultProfile()) return undefined;
  const { execa } = await import('execa');
  const path = [process.env['PATH'] ?? '', '/usr/sbin', '/sbin'].join(delimiter);
  const result = await execa('apparmor_parser', ['--replace', '--skip-cache'], { input: PROFILE, env: { PATH: path }, reject: false });
  if (!result.failed) return undefined;
  return result.code === 'ENOENT'
    ? 'the program apparmor_parser is not there; install the package apparmor'
    : `apparmor_parser: ${result.stderr.trim().split('\n').at(-1) ?? ''}`;
}

/**
 * What capabilities and seccomp leave to a container, without the mounts, and without writing what the kernel shows of the whole machine.
 * A `deny` rules over all that allows, so the paths that stay open (processes' own files, /proc/sys/kernel/shm*, cgroups) are left out letter by
 * letter. apparmor.d(5).
 */
const PROFILE = `
profile ${DEFAULT_PROFILE} flags=(attach_disconnected,mediate_deleted) {
  file,
  network,
  capability,
  umount,
  deny mount,

  signal (receive) peer=unconfined,
  signal (send, receive) peer=${DEFAULT_PROFILE},
  ptrace (trace, read, tracedby, readby) peer=${DEFAULT_PROFILE},

  deny /proc/* w,
  deny /proc/{[^1-9],[^1-9][^0-9],[^1-9s][^0-9y][^0-9s],[^1-9][^0-9][^0-9][^0-9]*}/** w,
  deny /proc/sys/[^k]** w,
  deny /proc/sys/kernel/{?,??,[^s][^h][^m]**} w,
  deny /proc/{kcore,sysrq-trigger} rwklx,

  deny /sys/[^f]*/** wklx,
  deny /sys/f[^s]*/** wklx,
  deny /sys/fs/[^c]*/** wklx,
  deny /sys/fs/c[^g]*/** wklx,
  deny /sys/fs/cg[^r]*/** wklx,
  deny /sys/{firmware,kernel/security,devices/virtual/powercap}/** rwklx,
}
`;
