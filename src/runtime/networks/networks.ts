import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { MydockerError } from '../../errors.ts';
import type { ContainerConfig, EndpointSpec, PortSpec } from '../../model/container.ts';
import type {
  EndpointChange,
  NetworkDraft,
  NetworkRecord,
  NetworkStore,
  ObservedEndpoint,
  ObservedNetwork,
  PortHolder,
  PublishedPort,
} from '../../model/runtime.ts';
import type { RuntimeContext } from '../context.ts';
import type { Fields } from '../core/frame.ts';
import { allowForwarding } from './allow-forwarding.ts';
import { AddressClaims, listFolder } from './claims.ts';
import type { ContainerAccess } from './change-endpoints.ts';
import { bridgeOptions, unknownOptions } from '../../model/bridge-options.ts';
import { EndpointRecords } from './endpoint-records.ts';
import { NetworkRecords, PREDEFINED } from './network-records.ts';
import { NetworkTable } from './network-table.ts';
import { isFullId } from '../store/ids.ts';
import { findPortHolders } from './port-holders.ts';
import type { PreparedNetwork } from './prepare-start.ts';

/** Networks, and what containers need of them. */
export class Networks implements NetworkStore {
  readonly records: NetworkRecords;
  readonly claims: AddressClaims;
  readonly table: NetworkTable;
  readonly context: RuntimeContext;
  /** Folder of the supervisors' records. */
  readonly root: string;
  readonly containers: ContainerAccess;
  readonly #ready = new Map<string, Promise<boolean>>();
  /** Of the networks that were asked for, by id; a network has one name for ever. */
  readonly #names = new Map<string, string>();
  #swept: Promise<void> | undefined;

  constructor(context: RuntimeContext, containers: ContainerAccess) {
    this.context = context;
    this.containers = containers;
    this.root = join(context.roots.run, 'network');
    this.records = new NetworkRecords(context);
    this.claims = new AddressClaims(this.root);
    this.table = new NetworkTable(context, this.root);
  }

  get(reference: string): Promise<NetworkRecord | undefined> {
    return Promise.resolve(this.records.find(reference));
  }

  list(): Promise<readonly NetworkRecord[]> {
    return Promise.resolve(this.records.all());
  }

  async create(draft: NetworkDraft): Promise<NetworkRecord> {
    const { checkDraft } = await import('./network-draft.ts');
    checkDraft(draft);
    for (const key of unknownOptions(draft.driverOpts ?? {})) {
      this.context.warn(`network ${draft.name}: driver option ${key} is not known and changes nothing`);
    }
    return this.#locked(async () => {
      if (this.records.get(draft.name) !== undefined) {
        throw new MydockerError('conflict', `network ${draft.name} exists already`, { resource: `network ${draft.name}` });
      }
      return this.#make(draft);
    });
  }

  /** The new record first: with the same id it names the same bridge, and the old one goes without taking that along. */
  async rename(name: string, newName: string, labels: Readonly<Record<string, string>>): Promise<void> {
    await this.#locked(async () => {
      const taken = this.records.get(newName);
      const network = this.records.get(name) ?? taken;
      if (network === undefined) throw new MydockerError('not-found', `no such network: ${name}`);
      if (taken !== undefined && taken.id !== network.id) throw new MydockerError('conflict', `network ${newName} exists already`);
      await this.sweep(true);
      this.#refuseUsed(network);
      await this.records.put({ ...network, name: newName, labels });
      if (newName !== name) await this.records.remove(name);
    });
  }

  async remove(reference: string): Promise<void> {
    const network = this.records.find(reference);
    if (network === undefined) throw new MydockerError('not-found', `no such network: ${reference}`);
    if (PREDEFINED.has(network.name)) {
      throw new MydockerError('refused', `network ${network.name} is predefined and cannot be removed`);
    }
    await this.#locked(() => this.#remove(network));
  }

  async connect(network: string, container: string, endpoint: Partial<EndpointSpec> = {}): Promise<void> {
    const { connectEndpoint } = await import('./change-endpoints.ts');
    return connectEndpoint(this, network, container, endpoint);
  }

  async disconnect(network: string, container: string): Promise<void> {
    const { disconnectEndpoint } = await import('./change-endpoints.ts');
    return disconnectEndpoint(this, network, container);
  }

  async updateEndpoint(network: string, container: string, change: EndpointChange): Promise<void> {
    const { changeEndpointNames } = await import('./change-endpoints.ts');
    return changeEndpointNames(this, network, container, change);
  }

  async publish(container: string, ports: readonly PortSpec[]): Promise<void> {
    const { changePorts } = await import('./change-endpoints.ts');
    return changePorts(this, container, ports);
  }

  /** The DNS names of a running container follow its config. */
  async renamed(config: ContainerConfig): Promise<void> {
    const { namesOf } = await import('./change-endpoints.ts');
    const names = namesOf(this, config);
    if (names.length > 0) await this.containers.control(config.id, 'net_names', names);
  }

  /** Bridges and table of the container's networks, made again where somebody removed or flushed them. */
  async restore(config: ContainerConfig): Promise<void> {
    if (config.namespaces.network.kind !== 'private') return;
    await Promise.all(config.network.endpoints.map(({ network }) => this.ready(network)));
  }

  /** Takes addresses, writes the container's files and says what the core must make. */
  async prepareStart(config: ContainerConfig, place: { readonly dataDir: string }): Promise<PreparedNetwork> {
    const { prepareStart } = await import('./prepare-start.ts');
    return prepareStart(this, config, place.dataDir);
  }

  /** What a running container has; empty for one that does not run. */
  observe(id: string): Promise<ObservedNetwork> {
    const records = new EndpointRecords(this.root);
    const endpoints = listFolder(this.root).flatMap((network): ObservedEndpoint[] => {
      const found = isFullId(network) ? records.endpoint(network, id) : undefined;
      const name = found === undefined ? undefined : this.#nameOf(network);
      if (found === undefined || name === undefined) return [];
      return [
        {
          network: name,
          networkId: network,
          interfaceName: found.interfaceName,
          macAddress: found.macAddress,
          ipv4Address: found.ipv4.replace(/\/.*/, ''),
          ipv4PrefixLength: prefixOf(found.ipv4),
          ipv4Gateway: found.ipv4Gateway,
          ipv6Address: found.ipv6.replace(/\/.*/, ''),
          ipv6PrefixLength: prefixOf(found.ipv6),
          ipv6Gateway: found.ipv6Gateway,
          aliases: found.names,
        },
      ];
    });
    endpoints.sort((a, b) => (a.interfaceName < b.interfaceName ? -1 : 1));
    return Promise.resolve({ endpoints, ports: observedPorts(records, id) });
  }

  #nameOf(id: string): string | undefined {
    const look = (networks: readonly NetworkRecord[]): void => networks.forEach((network) => this.#names.set(network.id, network.name));
    if (!this.#names.has(id)) look(this.records.list());
    // The ids of the predefined ones have to be worked out.
    if (!this.#names.has(id)) look(this.records.all());
    return this.#names.get(id);
  }

  /** The containers that are on the network now. */
  containersOn(network: NetworkRecord): readonly ObservedOnNetwork[] {
    return new EndpointRecords(this.root).onNetwork(network.id).map(({ container, macAddress, ipv4, ipv6 }) => ({
      container,
      name: this.containers.nameOf(container),
      macAddress,
      ipv4,
      ipv6,
    }));
  }

  /** Removes what a supervisor that was killed could not, and the default bridge with its last container. */
  async containerRemoved(id: string): Promise<void> {
    const left = [join('port', id), ...this.records.list().map((network) => join(network.id, 'endpoint', id))];
    const parents = left.some((path) => listFolder(join(this.root, path, '..')).includes(id));
    if (parents) await this.sweep(true);
    await this.removeUnusedBridge();
  }

  /** The default network goes with its last container. */
  async removeUnusedBridge(): Promise<void> {
    const bridge = this.records.get('bridge');
    if (bridge === undefined || this.#isUsed(bridge)) return;
    await this.#locked(async () => {
      if (this.records.get('bridge') !== undefined && !this.#isUsed(bridge)) await this.#unmake(bridge);
    });
  }

  /** Who holds the fixed ports that are taken already. */
  portHolders(ports: ContainerConfig['network']['ports']): readonly PortHolder[] {
    const holders = findPortHolders(ports, new EndpointRecords(this.root));
    return holders.map((holder) => ({
      ...holder,
      containerName: holder.container === '' ? '' : this.containers.nameOf(holder.container),
    }));
  }

  /** Undoes what dead supervisors left; once a command unless `again`. */
  sweep(again = false): Promise<void> {
    if (again) this.#swept = undefined;
    return (this.#swept ??= this.#sweep());
  }

  /** The network with its bridge and its place in the table, made again after a reboot or a flush. */
  async ready(name: string): Promise<NetworkRecord> {
    for (;;) {
      const network = this.records.get(name) ?? (name === 'bridge' ? await this.#makeDefaultBridge() : undefined);
      if (network === undefined) {
        throw new MydockerError('not-found', `no such network: ${name}`, { hint: 'Make it (mydocker network create), or run up again.' });
      }
      let ready = this.#ready.get(network.id);
      if (ready === undefined) {
        ready = this.#locked(() => this.#ensure(network));
        this.#ready.set(network.id, ready);
        ready.catch(() => this.#ready.delete(network.id));
      }
      if (await ready) return network;
      this.#ready.delete(network.id);
    }
  }

  /**
   * Whether the network is still the one that was ready when addresses of it were claimed: another command may be removing it between
   * the two. From here on the claims keep it.
   */
  async isKept(network: NetworkRecord): Promise<boolean> {
    if (PREDEFINED.has(network.name) && network.name !== 'bridge') return true;
    const kept = await this.#locked(() => Promise.resolve(this.#isCurrent(network)));
    if (!kept) this.#ready.delete(network.id);
    return kept;
  }

  /** Not removed meanwhile, nor removed and made again. */
  #isCurrent({ name, id, created }: NetworkRecord): boolean {
    const current = this.records.get(name);
    return current?.id === id && current.created === created;
  }

  /** Only with the lock held: a bridge that is made while its network is removed would stay for ever. False when it was removed meanwhile. */
  async #ensure(network: NetworkRecord): Promise<boolean> {
    if (!this.#isCurrent(network)) return false;
    await this.sweep();
    const { makeBridge } = await import('./make-network.ts');
    await Promise.all([makeBridge(this.context.core, network), this.table.ensure(this.records.list())]);
    return true;
  }

  async #sweep(): Promise<void> {
    mkdirSync(this.root, { recursive: true, mode: 0o700 });
    const fields: Fields = [
      ['root', this.root],
      ['table', this.table.name],
    ];
    await this.context.core.request('net_sweep', fields);
  }

  async #make(draft: NetworkDraft, id?: string): Promise<NetworkRecord> {
    const { makeNetwork } = await import('./make-network.ts');
    const others = this.records.list();
    const { internal = false, enableIpv4 = true, enableIpv6 = false } = draft;
    allowForwarding([{ internal, enableIpv4, enableIpv6 }]);
    await this.sweep();
    // Another command may have removed what was the last network, and the table with it, since this one looked.
    const table = this.table.ensure(others, true);
    table.catch(() => undefined); // told below
    let saved: NetworkRecord | undefined;
    const save = async (record: NetworkRecord): Promise<void> => {
      await table;
      saved = record;
      await this.records.put(record);
    };
    let network: NetworkRecord;
    try {
      network = await makeNetwork({ core: this.context.core, draft, others, id, save });
      await this.table.add(network, others);
    } catch (error) {
      await table.catch(() => undefined);
      if (saved !== undefined) await this.#unmake(saved).catch(() => undefined);
      throw error;
    }
    this.#ready.set(network.id, Promise.resolve(true));
    this.#event('create', network);
    return network;
  }

  #makeDefaultBridge(): Promise<NetworkRecord> {
    return this.#locked(
      async () => this.records.get('bridge') ?? (await this.#make({ name: 'bridge' }, this.records.predefined('bridge')?.id)),
    );
  }

  async #remove(network: NetworkRecord): Promise<void> {
    if (!this.#isCurrent(network)) throw new MydockerError('not-found', `no such network: ${network.name}`);
    await this.sweep(true);
    this.#refuseUsed(network);
    await this.#unmake(network);
    this.#event('destroy', network);
  }

  #refuseUsed(network: NetworkRecord): void {
    const users = new Set([
      ...new EndpointRecords(this.root).onNetwork(network.id).map(({ container }) => container),
      ...this.claims.claimants(network.id),
    ]);
    if (users.size === 0) return;
    const names = [...users].map((container) => this.containers.nameOf(container));
    throw new MydockerError('conflict', `network ${network.name} is in use by ${names.join(', ')}`, {
      resource: `network ${network.name}`,
      hint: 'Stop or disconnect the containers first.',
    });
  }

  /** The record goes last: what is left of a removal that was cut short is removed by the next one. */
  async #unmake(network: NetworkRecord): Promise<void> {
    this.#ready.delete(network.id);
    const last = this.records.list().every(({ name }) => name === network.name);
    await Promise.all([
      this.context.core.request('link_remove', [['name', bridgeOptions(network).bridge]]),
      last ? this.table.drop() : this.table.remove(network),
    ]);
    await this.records.remove(network.name);
  }

  #isUsed({ id }: NetworkRecord): boolean {
    return listFolder(join(this.root, id, 'ip')).length > 0;
  }

  #event(action: string, { id, name, driver }: NetworkRecord): void {
    this.context.events.append({ type: 'network', action, id, attributes: { name, type: driver } });
  }

  #locked<T>(use: () => Promise<T>): Promise<T> {
    return this.context.locks.withLock(join(this.context.roots.data, 'locks', 'networks'), use);
  }
}

export interface ObservedOnNetwork {
  readonly container: string;
  readonly name: string;
  readonly macAddress: string;
  readonly ipv4: string;
  readonly ipv6: string;
}

function prefixOf(cidr: string): number {
  return Number(cidr.split('/')[1] ?? '0');
}

/** A port without an address is published on both families, as Docker shows it. */
function observedPorts(records: EndpointRecords, id: string): readonly PublishedPort[] {
  return records.ports(id).flatMap(({ protocol, hostIp, hostPort, containerPort }) => {
    const addresses = hostIp === '*' ? ['0.0.0.0', '::'] : [hostIp];
    return addresses.map((address) => ({ hostIp: address, hostPort, containerPort, protocol }));
  });
}
