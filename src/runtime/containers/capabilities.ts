import { MydockerError } from '../../errors.ts';
import type { Fields } from '../core/frame.ts';

/** By number, as linux/capability.h counts them. */
const NAMES =
  'CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP LINUX_IMMUTABLE NET_BIND_SERVICE NET_BROADCAST NET_ADMIN NET_RAW IPC_LOCK IPC_OWNER SYS_MODULE SYS_RAWIO SYS_CHROOT SYS_PTRACE SYS_PACCT SYS_ADMIN SYS_BOOT SYS_NICE SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG MKNOD LEASE AUDIT_WRITE AUDIT_CONTROL SETFCAP MAC_OVERRIDE MAC_ADMIN SYSLOG WAKE_ALARM BLOCK_SUSPEND AUDIT_READ PERFMON BPF CHECKPOINT_RESTORE'.split(
    ' ',
  );

/** What Docker gives a container that asks for nothing. */
const DEFAULTS =
  'CHOWN DAC_OVERRIDE FSETID FOWNER MKNOD NET_RAW SETGID SETUID SETFCAP SETPCAP NET_BIND_SERVICE SYS_CHROOT KILL AUDIT_WRITE'.split(' ');

export interface CapabilityWish {
  readonly privileged: boolean;
  readonly capAdd: readonly string[];
  readonly capDrop: readonly string[];
}

/** The names a container gets, without `CAP_`: Docker's default list, less what is dropped, plus what is added; `ALL` works in both. */
export function capabilitiesOf({ privileged, capAdd, capDrop }: CapabilityWish): readonly string[] {
  if (privileged) return NAMES;
  const add = capAdd.map(checkedName);
  const drop = capDrop.map(checkedName);
  const base = add.includes('ALL') ? NAMES : drop.includes('ALL') ? [] : DEFAULTS;
  const wished = new Set([...base.filter((name) => !drop.includes(name)), ...add.filter((name) => name !== 'ALL')]);
  return NAMES.filter((name) => wished.has(name));
}

/** `cap_net_admin`, `NET_ADMIN`, `CAP_NET_ADMIN` -> `NET_ADMIN`. */
function checkedName(text: string): string {
  const name = text.toUpperCase().replace(/^CAP_/, '');
  if (name === 'ALL' || NAMES.includes(name)) return name;
  throw new MydockerError('invalid', `unknown capability ${JSON.stringify(text)}`, { hint: 'See capabilities(7) for the names.' });
}

/** Hex digits, one bit a capability. */
export function maskOf(names: readonly string[]): string {
  return names.reduce((mask, name) => mask | (1n << BigInt(NAMES.indexOf(name))), 0n).toString(16);
}

/** The five sets of capabilities(7), as Docker has them: nothing is inherited. */
export function capabilityFields(wish: CapabilityWish): Fields {
  const mask = maskOf(capabilitiesOf(wish));
  return [
    ['cap.bounding', mask],
    ['cap.effective', mask],
    ['cap.permitted', mask],
    ['cap.inheritable', '0'],
    ['cap.ambient', '0'],
  ];
}
