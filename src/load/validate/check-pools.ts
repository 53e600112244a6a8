import type { Project } from '../../model/project.ts';
import { formatCidr, isIP, parseAddress, parseCidr } from '../../util/ip.ts';
import type { Report } from './check-consistency.ts';

/** The addresses that networks ask for. */
export function checkPools(project: Project, report: Report): void {
  for (const [name, { ipam, external }] of Object.entries(project.networks ?? {})) {
    if (ipam === undefined || external === true) continue;
    const fail: Report = (path, message, hint) => {
      report(['networks', name, 'ipam', ...path], message, hint);
    };
    if (ipam.driver !== undefined && !['', 'default'].includes(ipam.driver)) {
      fail(['driver'], `IPAM driver ${JSON.stringify(ipam.driver)} is not supported`, 'take `driver` away, or use default');
    }
    ipam.config?.forEach((pool, index) => {
      for (const key of ['subnet', 'ip_range'] as const) {
        const problem = pool[key] === undefined ? undefined : cidrProblem(pool[key]);
        if (problem !== undefined) fail(['config', index, key], problem);
      }
      if (pool.gateway !== undefined && isIP(pool.gateway) === 0) {
        fail(['config', index, 'gateway'], `${JSON.stringify(pool.gateway)} is not an IP address`);
      }
    });
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
