import { join } from 'node:path';
import { MydockerError } from '../../errors.ts';
import type { ContainerConfig, EndpointSpec, NetworkSpec, PortSpec } from '../../model/container.ts';
import type { EndpointChange, NetworkRecord } from '../../model/runtime.ts';
import type { Fields } from '../core/frame.ts';
import { CoreError } from '../core/reply.ts';
import { EndpointRecords } from './endpoint-records.ts';
import { changeHostLines, ownHostLines } from './network-files.ts';
import { endpointFields, nameFields, publishFields } from './endpoint-plan.ts';
import type { Networks } from './networks.ts';
import { claimAddresses, explainPort, releaseAddresses } from './prepare-start.ts';

/** What the networks need to know of containers. */
export interface ContainerAccess {
  /** By id, unique beginning of an id, or name; throws `not-found`. */
  find(reference: string): Promise<ContainerConfig>;
  /** For messages: the name, or the short id of one that is gone. */
  nameOf(id: string): string;
  /** Records the container's new wishes; meanwhile no other command starts, removes or changes it. */
  changeNetwork(reference: string, change: (config: ContainerConfig, running: boolean) => Promise<NetworkSpec>): Promise<void>;
  /** One request to the supervisor of a running container. */
  control(id: string, op: string, fields: Fields): Promise<void>;
}

/** Puts the container on the network, running or not. */
export async function connectEndpoint(
  networks: Networks,
  reference: string,
  container: string,
  wish: Partial<EndpointSpec>,
): Promise<void> {
  await networks.containers.changeNetwork(container, async (config, running) => {
    const network = networkOf(networks, reference);
    checkOwnNamespace(config);
    if (config.network.endpoints.some(({ network: name }) => name === network.name)) {
      throw new MydockerError('conflict', `container ${config.name} is on network ${network.name} already`);
    }
    const endpoint: EndpointSpec = {
      aliases: [],
      links: [],
      linkLocalIps: [],
      priority: 0,
      gwPriority: 0,
      driverOpts: {},
      ...wish,
      network: network.name,
    };
    if (running) await connectRunning(networks, config, endpoint);
    recordEvent(networks, 'connect', network, config);
    return { ...config.network, endpoints: [...config.network.endpoints, endpoint] };
  });
}

/** Takes the container off the network, running or not. */
export async function disconnectEndpoint(networks: Networks, reference: string, container: string): Promise<void> {
  await networks.containers.changeNetwork(container, async (config, running) => {
    const network = networkOf(networks, reference);
    const left = config.network.endpoints.filter(({ network: name }) => name !== network.name);
    if (left.length === config.network.endpoints.length) throw notOn(config, network);
    if (running) await disconnectRunning(networks, config, network);
    recordEvent(networks, 'disconnect', network, config);
    return { ...config.network, endpoints: left };
  });
}

/** Gives the container other names on the network; one that runs is found by them at once. */
export async function changeEndpointNames(networks: Networks, reference: string, container: string, change: EndpointChange): Promise<void> {
  await networks.containers.changeNetwork(container, async (config, running) => {
    const network = networkOf(networks, reference);
    const endpoint = config.network.endpoints.find(({ network: name }) => name === network.name);
    if (endpoint === undefined) throw notOn(config, network);
    const changed = { ...endpoint, ...change };
    if (running) await networks.containers.control(config.id, 'net_names', nameFields(network.id, config, changed));
    return { ...config.network, endpoints: config.network.endpoints.map((item) => (item === endpoint ? changed : item)) };
  });
}

/** The request that gives a running container the DNS names of this config; empty when it has none. */
export function namesOf(networks: Networks, config: ContainerConfig): Fields {
  return config.network.endpoints.flatMap((endpoint) => {
    const network = networks.records.get(endpoint.network);
    return network === undefined ? [] : nameFields(network.id, config, endpoint);
  });
}

/** Publishes these ports instead of those that are; ports that stay keep their sockets and connections. */
export async function changePorts(networks: Networks, container: string, ports: readonly PortSpec[]): Promise<void> {
  await networks.containers.changeNetwork(container, async (config, running) => {
    checkOwnNamespace(config);
    const next = { ...config, network: { ...config.network, ports } };
    if (!running) return next.network;
    const wishes = await Promise.all(config.network.endpoints.map(async (spec) => ({ spec, network: await networks.ready(spec.network) })));
    try {
      await networks.containers.control(config.id, 'net_publish', publishFields(next, wishes));
    } catch (error) {
      throw explainPort(networks, next, error);
    }
    return next.network;
  });
}

function networkOf(networks: Networks, reference: string): NetworkRecord {
  const network = networks.records.find(reference);
  if (network === undefined) throw new MydockerError('not-found', `no such network: ${reference}`);
  if (network.driver !== 'bridge') throw new MydockerError('refused', `containers cannot be put on network ${network.name} later`);
  return network;
}

function notOn({ name }: ContainerConfig, network: NetworkRecord): MydockerError {
  return new MydockerError('not-found', `container ${name} is not on network ${network.name}`);
}

function checkOwnNamespace({ name, namespaces }: ContainerConfig): void {
  const { kind } = namespaces.network;
  if (kind === 'private') return;
  throw new MydockerError('state', `container ${name} has no network of its own (network mode ${kind})`);
}

async function connectRunning(networks: Networks, config: ContainerConfig, spec: EndpointSpec): Promise<void> {
  let network = await networks.ready(spec.network);
  // A connect that was killed before it was recorded.
  if (new EndpointRecords(networks.root).endpoint(network.id, config.id) !== undefined) await disconnectRunning(networks, config, network);
  let addresses = claimAddresses(networks, config, network, spec);
  while (!(await networks.isKept(network))) {
    releaseAddresses(networks, network, addresses);
    network = await networks.ready(spec.network);
    addresses = claimAddresses(networks, config, network, spec);
  }
  const interfaceName = spec.interfaceName ?? freeInterfaceName(networks, config.id);
  const plan = { network, spec, interfaceName, ...addresses, ...takesDefault(config, network, spec) };
  try {
    await networks.containers.control(config.id, 'net_connect', [['net.root', networks.root], ...endpointFields(plan, config)]);
  } catch (error) {
    releaseAddresses(networks, network, addresses);
    throw error;
  }
  const own = [addresses.ipv4, addresses.ipv6].flatMap((address) => address?.address ?? []);
  await changeHostLines(folderOf(networks, config), ownHostLines(own, config.hostname, config.domainname), []);
}

function folderOf(networks: Networks, { id }: ContainerConfig): string {
  return join(networks.context.roots.data, 'containers', id);
}

/** Not an error when a disconnect that was killed has done it already. */
async function disconnectRunning(networks: Networks, config: ContainerConfig, network: NetworkRecord): Promise<void> {
  const found = new EndpointRecords(networks.root).endpoint(network.id, config.id);
  try {
    await networks.containers.control(config.id, 'net_disconnect', [['net.endpoint', network.id]]);
  } catch (error) {
    if (!(error instanceof CoreError && error.errno === 'ENOENT')) throw error;
  }
  const own = [found?.ipv4 ?? '', found?.ipv6 ?? ''].map((address) => address.replace(/\/.*/, '')).filter((address) => address !== '');
  await changeHostLines(folderOf(networks, config), [], ownHostLines(own, config.hostname, config.domainname));
}

/** The default route moves only for one that is asked to lead: a route that works is not changed for a name. */
function takesDefault(
  { network: { endpoints } }: ContainerConfig,
  network: NetworkRecord,
  spec: EndpointSpec,
): { defaultIpv4: boolean; defaultIpv6: boolean } {
  const leads = !network.internal && endpoints.every(({ gwPriority }) => gwPriority < spec.gwPriority);
  return { defaultIpv4: leads, defaultIpv6: leads };
}

function freeInterfaceName(networks: Networks, container: string): string {
  const records = new EndpointRecords(networks.root);
  const taken = new Set(networks.records.all().map(({ id }) => records.endpoint(id, container)?.interfaceName));
  let index = 0;
  while (taken.has(`eth${index}`)) index++;
  return `eth${index}`;
}

function recordEvent(networks: Networks, action: string, { id, name, driver }: NetworkRecord, config: ContainerConfig): void {
  networks.context.events.append({ type: 'network', action, id, attributes: { container: config.id, name, type: driver } });
}
