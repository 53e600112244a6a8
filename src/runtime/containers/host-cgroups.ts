import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ContainerConfig } from '../../model/container.ts';
import type { Core } from '../core/core.ts';
import { delegateControllers, readCgroupHost, seenFrom, type CgroupHost } from './cgroup-host.ts';
import { cgroupParentOf, DEFAULT_CGROUP_PARENT, type CgroupFacts } from './cgroup-plan.ts';
import { blockDevices } from './devices.ts';
import { textOfFile } from '../../util/text-of-file.ts';

interface HostFacts {
  readonly host: CgroupHost;
  readonly cpusetCpus: string;
  readonly cpusetMems: string;
}

/** The host's cgroups as one command sees them: looked up once, however many containers it starts. */
export class HostCgroups {
  /** By parent: whether a new cpuset in there is filled by the kernel. */
  readonly #prepared = new Map<string, boolean>();
  /** By parent: the host as containers in there find it. */
  readonly #seen = new Map<string, CgroupHost>();
  readonly #core: Core;
  #facts: HostFacts | undefined;
  #moved: Promise<unknown> | undefined;

  constructor(core: Core) {
    this.#core = core;
  }

  get host(): CgroupHost {
    return this.#read().host;
  }

  facts({ resources }: Pick<ContainerConfig, 'resources'>): CgroupFacts {
    const parent = cgroupParentOf(resources);
    const host = this.#seen.get(parent) ?? seenFrom(this.host, parent);
    this.#seen.set(parent, host);
    return { ...this.#read(), host, blockDevices: blockDevices(resources.blkioDevices) };
  }

  /** For a start: the container's parent hands controllers and processors down. */
  factsForStart(config: Pick<ContainerConfig, 'resources'>): CgroupFacts {
    const parent = cgroupParentOf(config.resources);
    const cpusetInherited = this.#prepare(parent);
    return { ...this.facts(config), cpusetInherited };
  }

  #prepare(parent: string): boolean {
    let inherited = this.#prepared.get(parent);
    if (inherited === undefined) {
      delegateControllers(this.host, parent);
      this.#seen.delete(parent);
      inherited = handDownCpuset(this.#read(), parent);
      this.#prepared.set(parent, inherited);
    }
    return inherited;
  }

  /**
   * Moves the core out of the caller's session, once: else its end, or its memory limit, would be that of the supervisors
   * that the core forks. The first move of a while waits for all processors; who will need it begins it early.
   */
  async moveCore(): Promise<void> {
    this.#moved ??= this.#core.request(
      'cgroup_enter',
      supervisorCgroups(this.host).map((folder) => ['cgroup', folder] as const),
    );
    await this.#moved;
  }

  #read(): HostFacts {
    return (this.#facts ??= readFacts());
  }
}

function supervisorCgroups({ v1, v2 }: CgroupHost): readonly string[] {
  const roots = [v1.get('systemd'), v1.get('memory'), v1.get('pids'), v2?.root];
  return [...new Set(roots.filter((root) => root !== undefined))].map((root) => `${root}/mydocker/supervisors`);
}

function readFacts(): HostFacts {
  const host = readCgroupHost();
  const cpuset = host.v1.get('cpuset');
  const read = (name: string): string =>
    (cpuset === undefined ? textOfFile(`${host.v2?.root ?? ''}/${name}.effective`) : readFileSync(join(cpuset, name), 'utf8')).trim();
  return { host, cpusetCpus: read('cpuset.cpus'), cpusetMems: read('cpuset.mems') };
}

/**
 * A new cpuset of version 1 is empty, and for each that is filled by hand the kernel lays out its scheduler anew. One made in
 * a cpuset that says so has its parent's values at once. Parents that are somebody else's are left alone. True when what is
 * made in `parent` is filled.
 */
function handDownCpuset({ host, cpusetCpus, cpusetMems }: HostFacts, parent: string): boolean {
  const root = host.v1.get('cpuset');
  if (root === undefined || parent === '/') return false;
  const read = (path: string): string => readFileSync(path, 'utf8').trim();
  let folder = root;
  try {
    for (const part of parent.split('/').filter(Boolean)) {
      folder = join(folder, part);
      const made = mkdirSync(folder, { recursive: true, mode: 0o755 }) !== undefined;
      if (!made && folder !== root + DEFAULT_CGROUP_PARENT) continue;
      if (read(`${folder}/cpuset.cpus`) === '') writeFileSync(`${folder}/cpuset.cpus`, cpusetCpus);
      if (read(`${folder}/cpuset.mems`) === '') writeFileSync(`${folder}/cpuset.mems`, cpusetMems);
      writeFileSync(`${folder}/cgroup.clone_children`, '1');
    }
    const filled = read(`${folder}/cpuset.cpus`) !== '' && read(`${folder}/cpuset.mems`) !== '';
    return filled && read(`${folder}/cgroup.clone_children`) === '1';
  } catch {
    return false; // then each is filled by hand
  }
}
