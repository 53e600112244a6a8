import type { ContainerConfig } from '../../model/container.ts';

/** A device node of the host, or of a folder of them. */
export interface DeviceNode {
  readonly containerPath: string;
  readonly type: 'c' | 'b';
  readonly major: number;
  readonly minor: number;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Any of `rwm`. */
  readonly permissions: string;
}

/** Docker's: making any node is harmless, using it needs a rule. */
const DEFAULT_RULES = [
  'c *:* m',
  'b *:* m',
  'c 1:3 rwm', // null
  'c 1:5 rwm', // zero
  'c 1:7 rwm', // full
  'c 1:8 rwm', // random
  'c 1:9 rwm', // urandom
  'c 5:0 rwm', // tty
  'c 5:1 rwm', // console
  'c 5:2 rwm', // ptmx
  'c 136:* rwm', // pts
  'c 10:200 rwm', // net/tun
];

/** What a container may open; empty means everything (privileged). */
export function deviceRules(
  { security, resources }: Pick<ContainerConfig, 'security' | 'resources'>,
  nodes: readonly DeviceNode[],
): readonly string[] {
  if (security.privileged) return [];
  return [
    ...DEFAULT_RULES,
    ...nodes.map(({ type, major, minor, permissions }) => `${type} ${String(major)}:${String(minor)} ${permissions}`),
    ...(resources.deviceCgroupRules ?? []),
  ];
}
