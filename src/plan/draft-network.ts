import { MydockerError } from '../errors.ts';
import type { EndpointSpec, NetworkSpec, PortSpec } from '../model/container.ts';
import type { PortMapping, ServiceNetwork } from '../model/service.ts';
import type { DraftContext } from './container-draft.ts';

/** Endpoints, ports and name resolution. */
export function draftNetwork(context: DraftContext): NetworkSpec {
  const { service, image } = context;
  const exposed = [...(service.expose ?? []).map(withProtocol), ...image.config.exposedPorts];
  return {
    endpoints: draftEndpoints(context),
    ports: (service.ports ?? []).map((port) => draftPort(context.serviceName, port)),
    extraHosts: (service.extra_hosts ?? []).map(hostEntry),
    dns: service.dns ?? [],
    dnsSearch: service.dns_search ?? [],
    dnsOptions: service.dns_opt ?? [],
    exposed: [...new Set(exposed)],
  };
}

function draftEndpoints(context: DraftContext): readonly EndpointSpec[] {
  const { service, desired } = context;
  const { network_mode: mode = '' } = service;
  if (/^(?:none|host|(?:service|container):.*)$/.test(mode)) return [];
  // A network of the files, or any other by its name: one that is not there fails when the container is made.
  if (mode !== '') {
    const network = mode === 'default' ? 'bridge' : (desired.project.networks?.[mode]?.name ?? mode);
    return [withServiceMac(endpoint(context, network, null), service.mac_address)];
  }
  const endpoints = Object.entries(service.networks ?? {})
    .map(([key, settings]) => {
      const definition = desired.project.networks?.[key];
      if (definition === undefined) {
        throw new MydockerError('invalid', `service refers to undefined network ${key}`, {
          resource: `services.${context.serviceName}.networks`,
        });
      }
      return endpoint(context, definition.name, settings);
    })
    .sort((a, b) => b.priority - a.priority || (a.network < b.network ? -1 : 1));
  return endpoints.map((one, index) => (index === 0 ? withServiceMac(one, service.mac_address) : one));
}

/** `mac_address` of a service belongs to the first of its networks: two interfaces with one would answer for each other. */
function withServiceMac(endpoint: EndpointSpec, macAddress: string | undefined): EndpointSpec {
  return macAddress === undefined || endpoint.macAddress !== undefined ? endpoint : { ...endpoint, macAddress };
}

function endpoint(context: DraftContext, network: string, settings: ServiceNetwork | null): EndpointSpec {
  const { serviceName, oneOff } = context;
  const mac = settings?.mac_address;
  return {
    network,
    aliases: oneOff ? [] : [...new Set([serviceName, ...(settings?.aliases ?? [])])],
    links: draftLinks(context),
    ...(settings?.ipv4_address === undefined ? {} : { ipv4Address: settings.ipv4_address }),
    ...(settings?.ipv6_address === undefined ? {} : { ipv6Address: settings.ipv6_address }),
    linkLocalIps: settings?.link_local_ips ?? [],
    ...(mac === undefined ? {} : { macAddress: mac }),
    ...(settings?.interface_name === undefined ? {} : { interfaceName: settings.interface_name }),
    priority: settings?.priority ?? 0,
    gwPriority: settings?.gw_priority ?? 0,
    driverOpts: settings?.driver_opts ?? {},
  };
}

function draftLinks(context: DraftContext): readonly string[] {
  const { service } = context;
  const own = (service.links ?? []).flatMap((link) => {
    const [target = '', alias = target] = link.split(':');
    return context.containersOf(target).flatMap(({ config }) => [`${config.name}:${alias}`]);
  });
  const external = (service.external_links ?? []).map((link) => (link.includes(':') ? link : `${link}:${link}`));
  return [...own, ...external];
}

export function draftPort(serviceName: string, port: PortMapping): PortSpec {
  const { protocol } = port;
  if (protocol !== 'tcp' && protocol !== 'udp' && protocol !== 'sctp') {
    throw new MydockerError('invalid', `${protocol} is not a protocol of a port`, { resource: `services.${serviceName}.ports` });
  }
  const [first, last] = (port.published ?? '').split('-');
  return {
    containerPort: port.target,
    protocol,
    hostIp: port.host_ip ?? '',
    hostPort: first === undefined || first === '' ? 0 : Number(first),
    ...(last === undefined ? {} : { hostPortEnd: Number(last) }),
  };
}

function withProtocol(port: string): string {
  return port.includes('/') ? port : `${port}/tcp`;
}

/** `host=address` of the canonical model as `host:address`. */
function hostEntry(entry: string): string {
  const split = entry.indexOf('=');
  return split < 0 ? entry : `${entry.slice(0, split)}:${entry.slice(split + 1)}`;
}
