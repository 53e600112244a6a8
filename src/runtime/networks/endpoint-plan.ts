import type { ContainerConfig, EndpointSpec } from '../../model/container.ts';
import type { NetworkRecord } from '../../model/runtime.ts';
import { isLoopback, parseAddress } from '../../util/ip.ts';
import type { Fields } from '../core/frame.ts';
import { macOf, type ChosenAddress } from './choose-address.ts';
import { bridgeOptions } from '../../model/bridge-options.ts';
import type { HostResolver } from './host-network.ts';

/** One interface a container is to get. */
export interface EndpointPlan {
  readonly network: NetworkRecord;
  readonly spec: EndpointSpec;
  readonly interfaceName: string;
  readonly ipv4?: ChosenAddress;
  readonly ipv6?: ChosenAddress;
  readonly defaultIpv4: boolean;
  readonly defaultIpv6: boolean;
}

/** Names in the order of the config: `eth0`, `eth1`, or as asked for. */
export function interfaceNames(endpoints: readonly { readonly network: NetworkRecord; readonly spec: EndpointSpec }[]): readonly string[] {
  const taken = new Set(endpoints.flatMap(({ spec }) => spec.interfaceName ?? []));
  let next = 0;
  return endpoints.map(({ network, spec }) => {
    if (spec.interfaceName !== undefined && spec.interfaceName !== '') return spec.interfaceName;
    const prefix = bridgeOptions(network).interfacePrefix;
    while (taken.has(`${prefix}${next}`)) next++;
    const name = `${prefix}${next++}`;
    taken.add(name);
    return name;
  });
}

interface Candidate {
  readonly network: NetworkRecord;
  readonly spec: EndpointSpec;
}

/** As Docker: the highest gw_priority, of equals the first name; an internal network leads nowhere. */
export function compareGateways(a: Candidate, b: Candidate): number {
  if (a.network.internal !== b.network.internal) return a.network.internal ? 1 : -1;
  if (a.spec.gwPriority !== b.spec.gwPriority) return b.spec.gwPriority - a.spec.gwPriority;
  return a.network.name < b.network.name ? -1 : 1;
}

function vethName(container: string, network: string): string {
  return `mv${container.slice(0, 8)}${network.slice(0, 5)}`;
}

/** DNS names on one network, the container's own first; each once, whatever its case. */
export function endpointNames(config: Pick<ContainerConfig, 'id' | 'name' | 'hostname'>, spec: EndpointSpec): readonly string[] {
  const names = [config.name, ...spec.aliases, config.id.slice(0, 12), config.hostname];
  const lower = names.map((name) => name.toLowerCase());
  return names.filter((name, index) => name !== '' && lower.indexOf(name.toLowerCase()) === index);
}

/** The keys of one `net.endpoint` (native/PROTOCOL.md, "Network"). */
export function endpointFields(plan: EndpointPlan, config: Pick<ContainerConfig, 'id' | 'name' | 'hostname' | 'network'>): Fields {
  const { network, spec, ipv4, ipv6 } = plan;
  const options = bridgeOptions(network);
  const addresses = [ipv4, ipv6].filter((address) => address !== undefined);
  const gateways = addresses.filter(({ gateway }) => gateway !== '');
  const mac = spec.macAddress ?? macOf((ipv4 ?? ipv6)?.address ?? '');
  return [
    ['net.endpoint', network.id],
    ['net.name', network.name],
    ['net.bridge', options.bridge],
    ['net.veth', vethName(config.id, network.id)],
    ['net.ifname', plan.interfaceName],
    ['net.mac', mac.toLowerCase().replaceAll('-', ':')],
    ...(options.mtu === 0 ? [] : [['net.mtu', String(options.mtu)] as const]),
    ...addresses.map(({ address, prefix }) => ['net.address', `${address}/${prefix}`] as const),
    ...spec.linkLocalIps.map((address) => ['net.link_local', linkLocal(address)] as const),
    ...(network.internal || options.inhibitIpv4 ? [] : gateways.map(({ gateway }) => ['net.gateway', gateway] as const)),
    ...(plan.defaultIpv4 ? [['net.default', '4'] as const] : []),
    ...(plan.defaultIpv6 ? [['net.default', '6'] as const] : []),
    ...nameFields(network.id, config, spec).slice(1),
    ['net.internal', network.internal ? '1' : '0'],
    ['net.port_isolated', options.icc ? '0' : '1'],
    ['net.hairpin', config.network.ports.length > 0 && !network.internal ? '1' : '0'],
    ...sysctlsOf(spec).map((sysctl) => ['net.sysctl', sysctl] as const),
  ];
}

/** The keys of op `net_names` for one endpoint. */
export function nameFields(network: string, config: Pick<ContainerConfig, 'id' | 'name' | 'hostname'>, spec: EndpointSpec): Fields {
  return [
    ['net.endpoint', network],
    ...endpointNames(config, spec).map((name) => ['net.alias', name] as const),
    ...spec.links.map((link) => ['net.link', linkOf(link)] as const),
  ];
}

function linkLocal(text: string): string {
  return text.includes('/') ? text : `${text}/${text.includes(':') ? 64 : 16}`;
}

/** `container:alias` becomes `alias container`. */
function linkOf(link: string): string {
  const [target = '', alias = target] = link.split(':');
  return `${alias} ${target}`;
}

/** `com.docker.network.endpoint.sysctls`: `net.ipv4.conf.IFNAME.log_martians=1,…` */
function sysctlsOf({ driverOpts }: EndpointSpec): readonly string[] {
  const text = driverOpts['com.docker.network.endpoint.sysctls'] ?? '';
  return text.split(',').filter((item) => item !== '');
}

/** `net.publish` for every port; nothing when only internal networks are there. */
export function publishFields(config: Pick<ContainerConfig, 'network'>, plans: readonly Candidate[]): Fields {
  const open = plans.filter(({ network }) => !network.internal).toSorted(compareGateways);
  const [first] = open;
  if (first === undefined) return [];
  const fallback = bridgeOptions(first.network).hostBinding;
  return config.network.ports.map(({ protocol, hostIp, hostPort, hostPortEnd, containerPort }) => {
    const host = hostIp === '' ? fallback : hostIp;
    const value = `${protocol} ${host === '' ? '*' : host} ${hostPort} ${hostPortEnd ?? hostPort} ${containerPort}`;
    return ['net.publish', value] as const;
  });
}

/**
 * Where foreign names are asked. As Docker: servers of the user's from the container's own namespace, so that they
 * see the container's address; the host's resolvers, and what is on the host's loopback, from the host.
 */
export function resolverFields(config: Pick<ContainerConfig, 'network'>, host: HostResolver): Fields {
  const listen = ['dns.listen', '127.0.0.11'] as const;
  const { dns } = config.network;
  if (dns.length === 0) return [listen, ...host.nameservers.map((address) => ['dns.server', `host ${address}`] as const)];
  return [
    listen,
    ...dns.map((text) => {
      const address = parseAddress(text);
      return ['dns.server', `${address !== undefined && isLoopback(address) ? 'host' : 'container'} ${text}`] as const;
    }),
  ];
}
