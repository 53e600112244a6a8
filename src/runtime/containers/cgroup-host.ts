import { readFileSync, writeFileSync } from 'node:fs';
import { textOfFile } from '../../util/text-of-file.ts';

/** The cgroup hierarchies of this host: version 1, version 2, or both side by side (hybrid). */
export interface CgroupHost {
  /** Mount point by controller of version 1: `memory`, `cpu`, …, and `systemd` for the named hierarchy. */
  readonly v1: ReadonlyMap<string, string>;
  readonly v2: CgroupV2 | undefined;
}
export interface CgroupV2 {
  readonly root: string;
  /** Those that version 1 has not taken. */
  readonly controllers: ReadonlySet<string>;
}

const V1_CONTROLLERS = ['cpu', 'cpuacct', 'cpuset', 'memory', 'devices', 'freezer', 'blkio', 'pids', 'hugetlb', 'net_cls', 'net_prio'];

export function readCgroupHost(): CgroupHost {
  return parseCgroupHost(readFileSync('/proc/self/mountinfo', 'utf8'), textOfFile);
}

export function parseCgroupHost(mountinfo: string, read: (path: string) => string): CgroupHost {
  const v1 = new Map<string, string>();
  let v2: CgroupV2 | undefined;
  for (const line of mountinfo.split('\n')) {
    const [left = '', right = ''] = line.split(' - ');
    const target = left.split(' ')[4] ?? '';
    const [type, , options = ''] = right.split(' ');
    if (type === 'cgroup2' && v2 === undefined) {
      v2 = { root: target, controllers: new Set(read(`${target}/cgroup.controllers`).trim().split(' ').filter(Boolean)) };
    } else if (type === 'cgroup') {
      for (const option of options.split(',')) {
        if (V1_CONTROLLERS.includes(option)) v1.set(option, v1.get(option) ?? target);
        else if (option === 'name=systemd') v1.set('systemd', target);
      }
    }
  }
  return { v1, v2 };
}

/** Mount points of all hierarchies, each once. */
export function hierarchies(host: CgroupHost): readonly string[] {
  return [...new Set([...host.v1.values(), ...(host.v2 === undefined ? [] : [host.v2.root])])];
}

const WANTED_V2 = ['cpu', 'cpuset', 'memory', 'pids', 'io'];

/** Hands the controllers of version 2 down to the children of `parent` (`/mydocker`), one by one: one that fails must not cost the others. */
export function delegateControllers({ v2 }: CgroupHost, parent: string): void {
  if (v2 === undefined) return;
  let folder = v2.root;
  for (const part of ['', ...parent.split('/').filter(Boolean)]) {
    folder = part === '' ? folder : `${folder}/${part}`;
    const has = new Set(textOfFile(`${folder}/cgroup.subtree_control`).trim().split(' '));
    for (const controller of WANTED_V2.filter((name) => v2.controllers.has(name) && !has.has(name))) {
      try {
        writeFileSync(`${folder}/cgroup.subtree_control`, `+${controller}`);
      } catch {
        // Not ours to delegate (a threaded or busy cgroup): planCgroups warns when a limit needs it.
      }
    }
  }
}
