import { join } from 'node:path';
import { MydockerError } from '../../errors.ts';
import type { ContainerConfig, EndpointSpec } from '../../model/container.ts';
import type { NetworkRecord } from '../../model/runtime.ts';
import type { Fields } from '../core/frame.ts';
import { CoreError } from '../core/reply.ts';
import type { Claimant } from './claims.ts';
import type { ChosenAddress } from './choose-address.ts';
import { compareGateways, endpointFields, interfaceNames, publishFields, resolverFields, type EndpointPlan } from './endpoint-plan.ts';
import { readHostResolver, type HostResolver } from './host-network.ts';
import { fileMounts, formatHosts, formatHostResolver, formatInternalResolver, writeNetworkFiles } from './network-files.ts';
import type { Networks } from './networks.ts';
import { describeHolder } from './port-holders.ts';

/** What starting a container needs of its networks. */
export interface PreparedNetwork {
  /** Keys `net.*` and `dns.*` of op `start`. */
  readonly keys: Fields;
  /** hosts, hostname and resolv.conf: files of the host to bind. */
  readonly mounts: readonly { readonly source: string; readonly target: string; readonly readOnly: boolean }[];
  readonly sysctls: Readonly<Record<string, string>>;
  /** Gives back what was taken when the start failed. */
  abandon(): Promise<void>;
  /** The same error with what the host can tell about it: who holds a port. */
  explain(error: unknown): unknown;
}

export async function prepareStart(networks: Networks, config: ContainerConfig, folder: string): Promise<PreparedNetwork> {
  const mode = config.namespaces.network;
  const unchanged = (error: unknown): unknown => error;
  const nothing = { keys: [], sysctls: {}, abandon: () => Promise.resolve(), explain: unchanged };
  if (mode.kind === 'container') {
    const base = await networks.containers.find(mode.container);
    return { ...nothing, mounts: fileMounts(join(networks.context.roots.data, 'containers', base.id)) };
  }
  if (mode.kind === 'host' || mode.kind === 'none' || config.network.endpoints.length === 0) {
    await writeFiles(config, folder, [], readHostResolver());
    return { ...nothing, mounts: fileMounts(folder) };
  }
  const plans = await planEndpoints(networks, config);
  const resolver = readHostResolver();
  try {
    await writeFiles(config, folder, plans, resolver);
  } catch (error) {
    release(networks, plans);
    throw error;
  }
  return {
    keys: startFields(networks, config, plans, resolver),
    mounts: fileMounts(folder),
    sysctls: {},
    abandon: () => {
      release(networks, plans);
      return Promise.resolve();
    },
    explain: (error) => explainPort(networks, config, error),
  };
}

async function planEndpoints(networks: Networks, config: ContainerConfig): Promise<readonly EndpointPlan[]> {
  for (;;) {
    const wishes = await Promise.all(config.network.endpoints.map(async (spec) => ({ spec, network: await networks.ready(spec.network) })));
    const plans = claimEndpoints(networks, config, wishes);
    const kept = await Promise.all(plans.map(({ network }) => networks.isKept(network)));
    if (kept.every(Boolean)) return withDefaults(plans);
    release(networks, plans);
  }
}

function claimEndpoints(
  networks: Networks,
  config: ContainerConfig,
  wishes: readonly { readonly spec: EndpointSpec; readonly network: NetworkRecord }[],
): readonly EndpointPlan[] {
  const names = interfaceNames(wishes);
  const plans: EndpointPlan[] = [];
  try {
    for (const [index, { spec, network }] of wishes.entries()) {
      plans.push({
        spec,
        network,
        interfaceName: names[index] ?? `eth${index}`,
        ...claimAddresses(networks, config, network, spec),
        defaultIpv4: false,
        defaultIpv6: false,
      });
    }
    return plans;
  } catch (error) {
    release(networks, plans);
    throw error;
  }
}

export interface ClaimedAddresses {
  readonly ipv4?: ChosenAddress;
  readonly ipv6?: ChosenAddress;
}

/** One address of each family that the network has. */
export function claimAddresses(
  { claims }: Networks,
  container: Claimant,
  network: NetworkRecord,
  spec: { readonly ipv4Address?: string; readonly ipv6Address?: string },
): ClaimedAddresses {
  if (spec.ipv6Address !== undefined && spec.ipv6Address !== '' && !network.enableIpv6) {
    throw new MydockerError('invalid', `network ${network.name} has no IPv6 for address ${spec.ipv6Address}`, {
      hint: 'Set enable_ipv6: true.',
    });
  }
  const ipv4 = network.enableIpv4 ? claims.claim(network, 4, container, spec.ipv4Address) : undefined;
  try {
    const ipv6 = network.enableIpv6 ? claims.claim(network, 6, container, spec.ipv6Address) : undefined;
    return { ...(ipv4 === undefined ? {} : { ipv4 }), ...(ipv6 === undefined ? {} : { ipv6 }) };
  } catch (error) {
    if (ipv4 !== undefined) claims.release(network.id, ipv4.address);
    throw error;
  }
}

/** Sorted so that the first answers names first and leads outside. */
function withDefaults(plans: readonly EndpointPlan[]): readonly EndpointPlan[] {
  const sorted = plans.toSorted(compareGateways);
  const leads = (address: ChosenAddress | undefined, { network }: EndpointPlan): boolean =>
    !network.internal && (address?.gateway ?? '') !== '';
  const v4 = sorted.find((plan) => leads(plan.ipv4, plan));
  const v6 = sorted.find((plan) => leads(plan.ipv6, plan));
  return sorted.map((plan) => ({ ...plan, defaultIpv4: plan === v4, defaultIpv6: plan === v6 }));
}

function release(networks: Networks, plans: readonly EndpointPlan[]): void {
  for (const plan of plans) releaseAddresses(networks, plan.network, plan);
}

export function releaseAddresses({ claims }: Networks, { id }: NetworkRecord, { ipv4, ipv6 }: ClaimedAddresses): void {
  for (const address of [ipv4, ipv6]) if (address !== undefined) claims.release(id, address.address);
}

function startFields(networks: Networks, config: ContainerConfig, plans: readonly EndpointPlan[], resolver: HostResolver): Fields {
  return [
    ['net.root', networks.root],
    ['net.table', networks.table.name],
    ...plans.flatMap((plan) => endpointFields(plan, config)),
    ...publishFields(config, plans),
    ...resolverFields(config, resolver),
  ];
}

async function writeFiles(config: ContainerConfig, folder: string, plans: readonly EndpointPlan[], host: HostResolver): Promise<void> {
  const { dns, dnsSearch, dnsOptions, extraHosts } = config.network;
  const wish = { nameservers: dns, search: dnsSearch, options: dnsOptions };
  const inOrder = plans.toSorted((a, b) => (a.interfaceName < b.interfaceName ? -1 : 1));
  const addresses = inOrder.flatMap(({ ipv4, ipv6 }) => [ipv4, ipv6].flatMap((address) => address?.address ?? []));
  const gateway = plans.map(({ ipv4, ipv6 }) => ipv4?.gateway ?? ipv6?.gateway ?? '').find((address) => address !== '') ?? '127.0.0.1';
  const hosts = extraHosts.map((text) => text.replace(/([:=])host-gateway$/, `$1${gateway}`));
  await writeNetworkFiles(folder, {
    hosts: formatHosts(hosts, addresses, config.hostname, config.domainname),
    hostname: `${config.hostname}\n`,
    resolver: plans.length > 0 ? formatInternalResolver(wish, host) : formatHostResolver(wish, host),
  });
}

/** The same error, with who holds the port when that is what is in the way. */
export function explainPort(networks: Networks, config: ContainerConfig, error: unknown): unknown {
  if (!(error instanceof CoreError) || error.stage !== 'network' || error.errno !== 'EADDRINUSE') return error;
  const holder = networks.portHolders(config.network.ports).find(({ container }) => container !== config.id);
  if (holder === undefined) return error;
  return new MydockerError('conflict', describeHolder(holder), {
    cause: error,
    resource: `container ${config.name}`,
    hint: 'Stop what holds the port, or publish another one.',
  });
}
