import { MydockerError } from '../../errors.ts';
import { bridgeOptions } from '../../model/bridge-options.ts';
import type { IpamPoolDefinition, NetworkDefinition, Project } from '../../model/project.ts';
import { contains, formatCidr, isIP, overlaps, parseAddress, parseCidr, type Cidr } from '../../util/ip.ts';
import type { Report } from './check-consistency.ts';

/** Networks that could not be made. */
export function checkNetworks(project: Project, report: Report): void {
  for (const [name, network] of Object.entries(project.networks ?? {})) {
    if (network.external === true) continue;
    const fail: Report = (path, message, hint) => {
      report(['networks', name, ...path], message, hint);
    };
    checkDriver(network, fail);
    checkIpam(network, fail);
  }
  checkOverlaps(project, report);
}

function checkOverlaps({ networks }: Project, report: Report): void {
  const seen: { readonly name: string; readonly subnet: Cidr }[] = [];
  for (const [name, { ipam, external }] of Object.entries(networks ?? {})) {
    if (external === true) continue;
    ipam?.config?.forEach((pool, index) => {
      const subnet = parseCidr(pool.subnet ?? '');
      if (subnet === undefined) return;
      const other = seen.find((one) => one.subnet.family === subnet.family && overlaps(one.subnet, subnet));
      if (other !== undefined) {
        const message = `subnet ${formatCidr(subnet)} overlaps with ${formatCidr(other.subnet)} of network ${other.name}`;
        report(['networks', name, 'ipam', 'config', index, 'subnet'], message, 'choose another subnet, or leave it out to get a free one');
      }
      seen.push({ name, subnet });
    });
  }
}

function checkDriver({ driver = '', driver_opts: options, enable_ipv4: ipv4, enable_ipv6: ipv6 }: NetworkDefinition, fail: Report): void {
  if (!['', 'default', 'bridge'].includes(driver)) {
    const message = `network driver ${JSON.stringify(driver)} is not supported`;
    fail(['driver'], message, 'use bridge; host and none are there as network_mode');
    return;
  }
  if (ipv4 === false && ipv6 !== true) fail(['enable_ipv4'], 'IPv4 or IPv6 must be enabled');
  for (const [key, value] of Object.entries(options ?? {})) {
    try {
      bridgeOptions({ id: '', name: '', driverOpts: { [key]: value } });
    } catch (error) {
      if (!(error instanceof MydockerError)) throw error;
      fail(['driver_opts', key], error.message.replace(`${key}: `, ''));
    }
  }
}

function checkIpam({ ipam }: NetworkDefinition, fail: Report): void {
  if (ipam === undefined) return;
  if (ipam.driver !== undefined && !['', 'default'].includes(ipam.driver)) {
    fail(['ipam', 'driver'], `IPAM driver ${JSON.stringify(ipam.driver)} is not supported`, 'take `driver` away, or use default');
  }
  ipam.config?.forEach((pool, index) => {
    checkPool(pool, (path, message, hint) => {
      fail(['ipam', 'config', index, ...path], message, hint);
    });
  });
}

function checkPool(pool: IpamPoolDefinition, fail: Report): void {
  for (const key of ['subnet', 'ip_range'] as const) {
    const problem = pool[key] === undefined ? undefined : cidrProblem(pool[key]);
    if (problem !== undefined) fail([key], problem);
  }
  if (pool.gateway !== undefined && isIP(pool.gateway) === 0) fail(['gateway'], `${JSON.stringify(pool.gateway)} is not an IP address`);
  const subnet = parseCidr(pool.subnet ?? '');
  if (subnet === undefined) return;
  const range = parseCidr(pool.ip_range ?? '');
  if (range !== undefined && (range.prefix < subnet.prefix || !contains(subnet, { family: range.family, value: range.base }))) {
    fail(['ip_range'], `ip_range ${pool.ip_range ?? ''} is not within subnet ${formatCidr(subnet)}`);
  }
  const gateway = parseAddress(pool.gateway ?? '');
  if (gateway !== undefined && !contains(subnet, gateway)) {
    fail(['gateway'], `gateway ${pool.gateway ?? ''} is not in subnet ${formatCidr(subnet)}`);
  }
  for (const [name, text] of Object.entries(pool.aux_addresses ?? {})) {
    const address = parseAddress(text);
    if (address === undefined || !contains(subnet, address)) {
      fail(['aux_addresses', name], `${text} is not an address in subnet ${formatCidr(subnet)}`);
    }
  }
}

function cidrProblem(text: string): string | undefined {
  const [address = '', length = '', ...rest] = text.split('/');
  const family = isIP(address);
  const isCidr = rest.length === 0 && family !== 0 && /^\d+$/.test(length) && Number(length) <= (family === 4 ? 32 : 128);
  const cidr = isCidr ? parseCidr(text) : undefined;
  if (cidr === undefined) return `${JSON.stringify(text)} is not a subnet: write for example 10.5.0.0/16`;
  return parseAddress(address)?.value === cidr.base ? undefined : `invalid subnet ${text}: it should be ${formatCidr(cidr)}`;
}
