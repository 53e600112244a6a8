import { readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { isAlive } from '../store/process-times.ts';
import { listFolder } from './claims.ts';

/** What a supervisor made of a container's place on a network. */
export interface EndpointRecord {
  readonly network: string;
  readonly container: string;
  readonly interfaceName: string;
  readonly macAddress: string;
  /** CIDR, empty for none. */
  readonly ipv4: string;
  readonly ipv4Gateway: string;
  readonly ipv6: string;
  readonly ipv6Gateway: string;
  /** DNS names, the container's own first. */
  readonly names: readonly string[];
}

export interface PortRecord {
  readonly container: string;
  readonly protocol: string;
  readonly hostIp: string;
  readonly hostPort: number;
  readonly containerPort: number;
  readonly ipv4: string;
  readonly ipv6: string;
}

/** Reads the records of native/PROTOCOL.md, "Network"; those of dead holders are left out. */
export class EndpointRecords {
  readonly #root: string;
  readonly #alive = new Map<string, boolean>();

  constructor(root: string) {
    this.#root = root;
  }

  endpoint(network: string, container: string): EndpointRecord | undefined {
    const words = this.#read(join(network, 'endpoint', container));
    if (words === undefined) return undefined;
    const [, , interfaceName = '', macAddress = '', ipv4 = '', ipv4Gateway = '', ipv6 = '', ipv6Gateway = '', ...names] = words;
    return {
      network,
      container,
      interfaceName,
      macAddress,
      ipv4: orEmpty(ipv4),
      ipv4Gateway: orEmpty(ipv4Gateway),
      ipv6: orEmpty(ipv6),
      ipv6Gateway: orEmpty(ipv6Gateway),
      names: names.at(-1) === '+' ? this.#allNames(network, container) : names,
    };
  }

  /** One by one, for a container whose names are too long for one record. */
  #allNames(network: string, container: string): readonly string[] {
    const folder = join(network, 'name');
    return listFolder(join(this.#root, folder)).filter((name) => this.#read(join(folder, name, container)) !== undefined);
  }

  /** The network's endpoints, by container. */
  onNetwork(network: string): readonly EndpointRecord[] {
    return listFolder(join(this.#root, network, 'endpoint')).flatMap((container) => this.endpoint(network, container) ?? []);
  }

  ports(container: string): readonly PortRecord[] {
    return listFolder(join(this.#root, 'port', container))
      .toSorted((a, b) => Number(a) - Number(b))
      .flatMap((index) => this.#port(container, index) ?? []);
  }

  allPorts(): readonly PortRecord[] {
    return listFolder(join(this.#root, 'port')).flatMap((container) => this.ports(container));
  }

  #port(container: string, index: string): PortRecord | undefined {
    const words = this.#read(join('port', container, index));
    if (words === undefined) return undefined;
    const [protocol = '', hostIp = '', hostPort = '', containerPort = '', ipv4 = '', ipv6 = ''] = words;
    return {
      container,
      protocol,
      hostIp,
      hostPort: Number(hostPort),
      containerPort: Number(containerPort),
      ipv4: orEmpty(ipv4),
      ipv6: orEmpty(ipv6),
    };
  }

  #read(path: string): readonly string[] | undefined {
    let text: string;
    try {
      text = readlinkSync(join(this.#root, path));
    } catch {
      return undefined;
    }
    const [pid = '', start = '', ...words] = text.split(' ');
    return this.#isAlive(pid, start) ? words : undefined;
  }

  #isAlive(pid: string, start: string): boolean {
    const key = `${pid} ${start}`;
    let alive = this.#alive.get(key);
    if (alive === undefined) {
      alive = isAlive({ pid: Number(pid), start: Number(start) });
      this.#alive.set(key, alive);
    }
    return alive;
  }
}

function orEmpty(word: string): string {
  return word === '-' ? '' : word;
}
