import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { errnoOf } from '../../util/errno.ts';
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
  /** Those of them that a container's parent has for the cgroups in it; absent: all. */
  readonly handedDown?: ReadonlySet<string>;
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

/** The host as containers in `parent` (`/mydocker`) find it; as long as there is no such cgroup, with all controllers. */
export function seenFrom(host: CgroupHost, parent: string): CgroupHost {
  if (host.v2 === undefined) return host;
  const file = `${host.v2.root}${parent === '/' ? '' : parent}/cgroup.subtree_control`;
  return existsSync(file) ? { ...host, v2: { ...host.v2, handedDown: wordsOf(file) } } : host;
}

/** Whether version 2 can limit `controller` for a container. */
export function canLimit({ v2 }: CgroupHost, controller: string): boolean {
  return (v2?.handedDown ?? v2?.controllers)?.has(controller) === true;
}

const WANTED_V2 = ['cpu', 'cpuset', 'memory', 'pids', 'io'];

/** Hands the controllers of version 2 down to the children of `parent`; limitWrites warns when a limit needs one that was not. */
export function delegateControllers({ v2 }: CgroupHost, parent: string): void {
  if (v2 === undefined) return;
  let folder = v2.root;
  for (const part of ['', ...parent.split('/').filter(Boolean)]) {
    folder = part === '' ? folder : `${folder}/${part}`;
    if (!hasFolder(folder) || (isBusy(folder) && !(part === '' && moveOut(folder)))) return;
    const has = wordsOf(`${folder}/cgroup.subtree_control`);
    for (const controller of WANTED_V2.filter((name) => v2.controllers.has(name) && !has.has(name))) {
      try {
        writeFileSync(`${folder}/cgroup.subtree_control`, `+${controller}`);
      } catch {
        // One by one: one that fails must not cost the others.
      }
    }
  }
}

/**
 * A cgroup with processes cannot hand controllers down to cgroups ("no internal processes", cgroup-v2.rst); those it can, the
 * threaded ones, would make it a domain of threads, in which no other cgroup can be used. The true root is exempt: it has no
 * `cgroup.type`.
 */
function isBusy(folder: string): boolean {
  return existsSync(`${folder}/cgroup.type`) && wordsOf(`${folder}/cgroup.procs`).size > 0;
}

/**
 * In a container of another runtime the processes are in the root of the cgroup namespace: as Docker-in-Docker does, they
 * move to `/init`. False when some could not.
 */
function moveOut(root: string): boolean {
  if (!hasFolder(`${root}/init`)) return false;
  // Those that fork meanwhile are in the next round.
  for (let round = 0; round < 10 && isBusy(root); round++) {
    for (const pid of wordsOf(`${root}/cgroup.procs`)) {
      try {
        writeFileSync(`${root}/init/cgroup.procs`, pid);
      } catch (error) {
        // Ended meanwhile; others, such as 0, a process of another pid namespace, stay.
        if (errnoOf(error) !== 'ESRCH') return false;
      }
    }
  }
  return !isBusy(root);
}

/** Made where it is missing. */
function hasFolder(path: string): boolean {
  try {
    mkdirSync(path, { recursive: true, mode: 0o755 });
    return true;
  } catch {
    return false; // the core, which needs it too, says why
  }
}

function wordsOf(path: string): ReadonlySet<string> {
  return new Set(textOfFile(path).split(/\s+/).filter(Boolean));
}
