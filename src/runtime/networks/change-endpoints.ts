import { MydockerError } from '../../errors.ts';
import type { ContainerConfig, EndpointSpec, NetworkSpec } from '../../model/container.ts';
import type { NetworkRecord } from '../../model/runtime.ts';
import type { Fields } from '../core/frame.ts';
import { EndpointRecords } from './endpoint-records.ts';
import { endpointFields } from './endpoint-plan.ts';
import type { Networks } from './networks.ts';
import { claimAddresses } from './prepare-start.ts';

/** What the networks need to know of containers. */
export interface ContainerAccess {
  /** By id, unique beginning of an id, or name; throws `not-found`. */
  find(reference: string): Promise<{ readonly config: ContainerConfig; readonly running: boolean }>;
  /** For messages: the name, or the short id of one that is gone. */
  nameOf(id: string): string;
  /** Records the container's new wishes. */
  setNetwork(id: string, network: NetworkSpec): Promise<void>;
  /** One request to the supervisor of a running container. */
  control(id: string, op: string, fields: Fields): Promise<void>;
}

interface EndpointChanges {
  connect(network: string, container: string, endpoint: Partial<EndpointSpec>): Promise<void>;
  disconnect(network: string, container: string): Promise<void>;
}

/** Puts containers on networks and takes them off, running or not. */
export function changeEndpoints(networks: Networks, containers: ContainerAccess): EndpointChanges {
  return {
    async connect(reference, container, wish) {
      const { config, running } = await containers.find(container);
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
      if (running) await connectRunning(networks, containers, config, endpoint);
      await containers.setNetwork(config.id, { ...config.network, endpoints: [...config.network.endpoints, endpoint] });
      recordEvent(networks, 'connect', network, config);
    },
    async disconnect(reference, container) {
      const { config, running } = await containers.find(container);
      const network = networkOf(networks, reference);
      const left = config.network.endpoints.filter(({ network: name }) => name !== network.name);
      if (left.length === config.network.endpoints.length) {
        throw new MydockerError('not-found', `container ${config.name} is not on network ${network.name}`);
      }
      if (running) await containers.control(config.id, 'net_disconnect', [['net.endpoint', network.id]]);
      await containers.setNetwork(config.id, { ...config.network, endpoints: left });
      recordEvent(networks, 'disconnect', network, config);
    },
  };
}

function networkOf(networks: Networks, reference: string): NetworkRecord {
  const network = networks.records.find(reference);
  if (network === undefined) throw new MydockerError('not-found', `no such network: ${reference}`);
  if (network.driver !== 'bridge') throw new MydockerError('refused', `containers cannot be put on network ${network.name} later`);
  return network;
}

function checkOwnNamespace({ name, namespaces }: ContainerConfig): void {
  const { kind } = namespaces.network;
  if (kind === 'private') return;
  throw new MydockerError('state', `container ${name} has no network of its own (network mode ${kind})`);
}

async function connectRunning(networks: Networks, containers: ContainerAccess, config: ContainerConfig, spec: EndpointSpec): Promise<void> {
  const network = await networks.ready(spec.network);
  const addresses = claimAddresses(networks, config.id, network, spec);
  const interfaceName = spec.interfaceName ?? freeInterfaceName(networks, config.id);
  const plan = { network, spec, interfaceName, ...addresses, ...takesDefault(config, network, spec) };
  try {
    await containers.control(config.id, 'net_connect', [['net.root', networks.root], ...endpointFields(plan, config)]);
  } catch (error) {
    for (const address of [addresses.ipv4, addresses.ipv6]) if (address !== undefined) networks.claims.release(network.id, address.address);
    throw error;
  }
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
