import { readdirSync, writeFileSync } from 'node:fs';
import { MydockerError } from '../../errors.ts';
import type { NetworkRecord } from '../../model/runtime.ts';
import { textOfFile } from '../../util/text-of-file.ts';

/** Packets between a container and the outside are forwarded packets. */
export function allowForwarding(networks: readonly Pick<NetworkRecord, 'internal' | 'enableIpv4' | 'enableIpv6'>[]): void {
  const open = networks.filter(({ internal }) => !internal);
  if (open.some(({ enableIpv4 }) => enableIpv4)) enable('/proc/sys/net/ipv4/ip_forward', 'net.ipv4.ip_forward');
  if (!open.some(({ enableIpv6 }) => enableIpv6)) return;
  const path = '/proc/sys/net/ipv6/conf/all/forwarding';
  if (textOfFile(path).trim() !== '1') keepRouterAdvertisements();
  enable(path, 'net.ipv6.conf.all.forwarding');
}

function enable(path: string, name: string): void {
  if (textOfFile(path).trim() === '1') return;
  try {
    writeFileSync(path, '1');
  } catch (cause) {
    throw new MydockerError('host', `IP forwarding is off and cannot be switched on (${name})`, {
      cause,
      hint: `Set it on the host: sysctl -w ${name}=1; or use internal networks only.`,
    });
  }
}

/** A host that forwards ignores router advertisements unless told otherwise: it would lose its own addresses. */
function keepRouterAdvertisements(): void {
  const folder = '/proc/sys/net/ipv6/conf';
  for (const device of readdirSync(folder)) {
    const path = `${folder}/${device}/accept_ra`;
    if (textOfFile(path).trim() !== '1' || device === 'all' || device === 'lo') continue;
    try {
      writeFileSync(path, '2');
    } catch {
      // Read-only settings: then switching forwarding on fails as well, and says so.
    }
  }
}
