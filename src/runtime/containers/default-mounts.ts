import type { ContainerConfig } from '../../model/container.ts';
import type { CgroupHost } from './cgroup-host.ts';

/** One `mount` record of op `start`. */
export interface MountRequest {
  readonly type: string;
  readonly source?: string;
  readonly target: string;
  readonly options: readonly string[];
  readonly create?: 'dir' | 'file';
  readonly lower?: readonly string[];
  /** The part of the source or image that is mounted; links in it do not lead out. */
  readonly subpath?: string;
  /** `/proc/PID/ns/mnt|START`: the source is a path in that container. */
  readonly namespace?: string;
  /** Its server is reached as the host reaches it, whatever network the container has. */
  readonly hostNetwork?: boolean;
}

const SEALED = ['nosuid', 'noexec', 'nodev'];

/** What every container has before anything the user asked for, in the order it must be mounted. */
export function defaultMounts(config: ContainerConfig, cgroups: CgroupHost, joinedIpc?: string): readonly MountRequest[] {
  const { privileged } = config.security;
  return [
    { type: 'proc', target: '/proc', options: SEALED },
    { type: 'tmpfs', target: '/dev', options: ['nosuid', 'strictatime', 'mode=755', 'size=65536k'] },
    { type: 'devpts', target: '/dev/pts', options: ['nosuid', 'noexec', 'newinstance', 'ptmxmode=0666', 'mode=0620', 'gid=5'] },
    { type: 'sysfs', target: '/sys', options: [...SEALED, ...(privileged ? [] : ['ro'])] },
    ...cgroupMounts(cgroups, privileged),
    ...ipcMounts(config, joinedIpc),
  ];
}

function cgroupMounts({ v1, v2 }: CgroupHost, privileged: boolean): MountRequest[] {
  const options = [...SEALED, 'relatime', ...(privileged ? [] : ['ro'])];
  if (v1.size === 0) return v2 === undefined ? [] : [{ type: 'cgroup2', target: '/sys/fs/cgroup', options }];
  const roots = new Map<string, string[]>();
  for (const [controller, root] of v1) roots.set(root, [...(roots.get(root) ?? []), controller]);
  const mounts: MountRequest[] = [{ type: 'tmpfs', target: '/sys/fs/cgroup', options: [...options, 'mode=755', 'size=1m'] }];
  for (const controllers of roots.values()) {
    const named = controllers.includes('systemd');
    const data = named ? ['none', 'name=systemd'] : controllers;
    mounts.push({ type: 'cgroup', target: `/sys/fs/cgroup/${controllers.join(',')}`, options: [...options, ...data] });
  }
  return mounts;
}

function ipcMounts({ namespaces, shmSize }: ContainerConfig, joined?: string): MountRequest[] {
  const { kind } = namespaces.ipc;
  const queue: MountRequest = { type: 'mqueue', target: '/dev/mqueue', options: SEALED };
  if (kind === 'none') return [queue];
  if (kind === 'host') {
    // The queues belong to the namespace: mounted again, they are the host's, also where the host has not mounted them.
    return [queue, { type: 'bind', source: '/dev/shm', target: '/dev/shm', options: ['bind', ...SEALED] }];
  }
  if (joined !== undefined) {
    const namespace = joined.replace('/ns/ipc|', '/ns/mnt|');
    return [queue, { type: 'bind', namespace, source: '/dev/shm', target: '/dev/shm', options: ['bind', ...SEALED] }];
  }
  return [queue, { type: 'tmpfs', source: 'shm', target: '/dev/shm', options: [...SEALED, 'mode=1777', `size=${String(shmSize)}`] }];
}

/** Docker's lists: what of /proc and /sys would tell or change too much. */
export const MASKED_PATHS = [
  '/proc/acpi',
  '/proc/asound',
  '/proc/interrupts',
  '/proc/kcore',
  '/proc/keys',
  '/proc/latency_stats',
  '/proc/sched_debug',
  '/proc/scsi',
  '/proc/timer_list',
  '/proc/timer_stats',
  '/sys/devices/virtual/powercap',
  '/sys/firmware',
];
export const READONLY_PATHS = ['/proc/bus', '/proc/fs', '/proc/irq', '/proc/sys', '/proc/sysrq-trigger'];
