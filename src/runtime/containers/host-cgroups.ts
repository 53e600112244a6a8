import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ContainerConfig } from '../../model/container.ts';
import type { Core } from '../core/core.ts';
import { delegateControllers, readCgroupHost, type CgroupHost } from './cgroup-host.ts';
import type { CgroupFacts } from './cgroup-plan.ts';
import { blockDevices } from './devices.ts';

interface HostFacts {
  readonly host: CgroupHost;
  readonly cpusetCpus: string;
  readonly cpusetMems: string;
}

/** The host's cgroups as one command sees them: looked up once, however many containers it starts. */
export class HostCgroups {
  readonly #delegated = new Set<string>();
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
    return { ...this.#read(), blockDevices: blockDevices(resources.blkioDevices) };
  }

  /** Lets the children of `parent` have the controllers of version 2. */
  delegate(parent: string): void {
    if (this.#delegated.has(parent)) return;
    delegateControllers(this.host, parent);
    this.#delegated.add(parent);
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
  const read = (name: string): string => (cpuset === undefined ? '' : readFileSync(join(cpuset, name), 'utf8').trim());
  return { host, cpusetCpus: read('cpuset.cpus'), cpusetMems: read('cpuset.mems') };
}
