import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ContainerConfig } from '../../model/container.ts';
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
  #facts: HostFacts | undefined;

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

  #read(): HostFacts {
    return (this.#facts ??= readFacts());
  }
}

function readFacts(): HostFacts {
  const host = readCgroupHost();
  const cpuset = host.v1.get('cpuset');
  const read = (name: string): string => (cpuset === undefined ? '' : readFileSync(join(cpuset, name), 'utf8').trim());
  return { host, cpusetCpus: read('cpuset.cpus'), cpusetMems: read('cpuset.mems') };
}
