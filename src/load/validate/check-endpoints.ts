import type { NetworkDefinition, Project } from '../../model/project.ts';
import type { Service } from '../../model/service.ts';
import { contains, parseAddress, parseCidr, type Address } from '../../util/ip.ts';
import type { Report } from './check-consistency.ts';

/** Interface names and static addresses, against the networks of the file. */
export function checkEndpoints(project: Project, service: Service, fail: Report): void {
  const interfaces = new Map<string, string>();
  for (const [name, settings] of Object.entries(service.networks ?? {})) {
    const { interface_name: device, ipv4_address: ipv4, ipv6_address: ipv6 } = settings ?? {};
    if (device !== undefined) checkInterface(name, device, interfaces, fail);
    const network = project.networks?.[name];
    if (ipv4 !== undefined) checkAddress(name, 'ipv4_address', ipv4, network, fail);
    if (ipv6 !== undefined) checkAddress(name, 'ipv6_address', ipv6, network, fail);
  }
}

/** What the kernel takes as a name, each once. */
function checkInterface(network: string, device: string, taken: Map<string, string>, fail: Report): void {
  const place = ['networks', network, 'interface_name'];
  if (!/^[^/:\s]{1,15}$/.test(device) || ['.', '..', 'lo', 'all', 'default'].includes(device)) {
    fail(
      place,
      `${JSON.stringify(device)} is not a name for an interface`,
      'use 1 to 15 characters without spaces, slashes and colons, not lo',
    );
  }
  const other = taken.get(device);
  if (other !== undefined)
    fail(place, `${JSON.stringify(device)} is the interface of network ${other} already`, 'give each network another name');
  taken.set(device, network);
}

/** What the file keeps an address for; undefined when it is free. */
function reservedFor({ ipam }: NetworkDefinition, wanted: Address): string | undefined {
  const isWanted = (text: string | undefined): boolean => {
    const address = text === undefined ? undefined : parseAddress(text);
    return address?.family === wanted.family && address.value === wanted.value;
  };
  for (const { gateway, aux_addresses: auxiliary } of ipam?.config ?? []) {
    if (isWanted(gateway)) return 'the gateway';
    const found = Object.entries(auxiliary ?? {}).find(([, text]) => isWanted(text));
    if (found !== undefined) return `auxiliary address ${found[0]}`;
  }
  return undefined;
}

function checkAddress(
  name: string,
  key: 'ipv4_address' | 'ipv6_address',
  text: string,
  network: NetworkDefinition | undefined,
  fail: Report,
): void {
  const address = parseAddress(text);
  const family = key === 'ipv4_address' ? 4 : 6;
  if (network === undefined || network.external === true || address?.family !== family) return;
  const reserved = reservedFor(network, address);
  if (reserved !== undefined) {
    fail(['networks', name, key], `${text} is reserved as ${reserved} of network ${name}`, 'choose another address');
    return;
  }
  const subnets = (network.ipam?.config ?? [])
    .flatMap(({ subnet = '' }) => parseCidr(subnet) ?? [])
    .filter((subnet) => subnet.family === family);
  if (subnets.some((subnet) => contains(subnet, address))) return;
  const ranges = (network.ipam?.config ?? []).map(({ subnet }) => subnet).join(', ');
  fail(
    ['networks', name, key],
    `${text} is not in network ${name}${ranges === '' ? ', which has no subnet of its own' : ` (${ranges})`}`,
    `give the network a subnet that holds it: networks.${name}.ipam.config`,
  );
}
