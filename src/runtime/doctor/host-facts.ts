import { statfsSync } from 'node:fs';
import { release } from 'node:os';
import { delimiter, join } from 'node:path';
import { accessSync, constants } from 'node:fs';
import type { Roots } from '../store/roots.ts';
import { hasAppArmor } from '../containers/apparmor.ts';
import { readCgroupHost, type CgroupHost } from '../containers/cgroup-host.ts';
import { readHostResolver, type HostResolver } from '../networks/host-network.ts';
import { textOfFile } from '../../util/text-of-file.ts';

/** What the checks look at, read once. */
export interface HostFacts {
  readonly uid: number;
  readonly kernel: string;
  /** Names of /proc/filesystems. */
  readonly fileSystems: ReadonlySet<string>;
  readonly cgroups: CgroupHost;
  readonly appArmor: boolean;
  readonly appArmorParser: boolean;
  readonly nft: boolean;
  readonly forwarding: { readonly ipv4: string; readonly ipv6: string };
  /** Tables of the old iptables, which nf_tables cannot see. */
  readonly legacyTables: readonly string[];
  readonly resolver: HostResolver;
  readonly disks: readonly DiskFacts[];
  readonly dataRoot: { readonly folder: string; /** `f_type` of statfs(2). */ readonly fileSystem: number };
}

export interface DiskFacts {
  readonly folder: string;
  /** Bytes. */
  readonly free: number;
  readonly size: number;
  readonly freeInodes: number;
  readonly inodes: number;
}

export function readHostFacts(roots: Roots): HostFacts {
  return {
    uid: process.getuid?.() ?? 0,
    kernel: release(),
    fileSystems: new Set(
      textOfFile('/proc/filesystems')
        .split('\n')
        .map((line) => line.split('\t').at(-1) ?? ''),
    ),
    cgroups: readCgroupHost(),
    appArmor: hasAppArmor(),
    appArmorParser: hasProgram('apparmor_parser'),
    nft: hasProgram('nft'),
    forwarding: {
      ipv4: textOfFile('/proc/sys/net/ipv4/ip_forward').trim(),
      ipv6: textOfFile('/proc/sys/net/ipv6/conf/all/forwarding').trim(),
    },
    legacyTables: [...lines('/proc/net/ip_tables_names'), ...lines('/proc/net/ip6_tables_names')],
    resolver: readHostResolver(),
    disks: [roots.data, roots.run].map(diskFacts),
    dataRoot: { folder: roots.data, fileSystem: statfsSync(roots.data).type },
  };
}

function diskFacts(folder: string): DiskFacts {
  const { bavail, bsize, blocks, ffree, files } = statfsSync(folder);
  return { folder, free: bavail * bsize, size: blocks * bsize, freeInodes: ffree, inodes: files };
}

function hasProgram(name: string): boolean {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/sbin', '/usr/local/sbin'];
  return folders.some((folder) => {
    try {
      accessSync(join(folder, name), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

function lines(path: string): readonly string[] {
  return textOfFile(path)
    .split('\n')
    .filter((line) => line !== '');
}
