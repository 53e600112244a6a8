import { readdirSync, readlinkSync } from 'node:fs';
import type { PortSpec } from '../../model/container.ts';
import type { PortHolder } from '../../model/runtime.ts';
import { formatAddress } from '../../util/ip.ts';
import type { EndpointRecords } from './endpoint-records.ts';
import { textOfFile } from '../../util/text-of-file.ts';

interface Socket {
  readonly address: string;
  readonly port: number;
  readonly inode: string;
}

/** The first holder of each fixed port that is taken; what a range or an ephemeral port gets is found at start. */
export function findPortHolders(ports: readonly PortSpec[], records: EndpointRecords): readonly PortHolder[] {
  const fixed = ports.filter(({ hostPort, hostPortEnd }) => hostPort !== 0 && (hostPortEnd ?? hostPort) === hostPort);
  if (fixed.length === 0) return [];
  const own = records.allPorts();
  const sockets = new Map([...new Set(fixed.map(({ protocol }) => protocol))].map((protocol) => [protocol, socketsOf(protocol)]));
  return fixed.flatMap((port) => {
    const socket = sockets.get(port.protocol)?.find((found) => found.port === port.hostPort && collides(found.address, port.hostIp));
    if (socket === undefined) return [];
    const record = own.find(
      ({ protocol, hostPort, hostIp }) => protocol === port.protocol && hostPort === port.hostPort && collides(hostIp, port.hostIp),
    );
    return [
      {
        protocol: port.protocol,
        port: port.hostPort,
        address: socket.address,
        container: record?.container ?? '',
        containerName: '',
        ...ownerOf(socket.inode),
      },
    ];
  });
}

/** `host port 8080/tcp is in use by nginx (process 123)` */
export function describeHolder({ protocol, port, address, pid, command, containerName }: PortHolder): string {
  const place = address === '0.0.0.0' || address === '::' ? String(port) : `${address.includes(':') ? `[${address}]` : address}:${port}`;
  // A container that has just started may not have written down its ports yet; its supervisor's title names it.
  const container = containerName === '' ? (/^mydocker-core: (\S+)$/.exec(command)?.[1] ?? '') : containerName;
  const who = pid === 0 ? 'another process' : `${command === '' ? 'a process' : command} (process ${pid})`;
  return `host port ${place}/${protocol} is in use by ${container === '' ? who : `container ${container}`}`;
}

function collides(held: string, wished: string): boolean {
  if (held === '*' || wished === '') return true;
  if (held.includes(':') !== wished.includes(':')) return false;
  return held === wished || isEvery(held) || isEvery(wished);
}

function isEvery(address: string): boolean {
  return address === '0.0.0.0' || address === '::';
}

const LISTEN = '0A';

/** proc(5): local address and inode of the sockets that hold a port. */
function socketsOf(protocol: string): readonly Socket[] {
  if (protocol === 'sctp') return [];
  return [protocol, `${protocol}6`].flatMap((name) => {
    const lines = textOfFile(`/proc/net/${name}`, 'latin1').split('\n').slice(1);
    return lines.flatMap((line) => {
      const fields = line.trim().split(/\s+/);
      const [local = '', state = '', inode = ''] = [fields[1], fields[3], fields[9]];
      if (local === '' || (protocol === 'tcp' && state !== LISTEN)) return [];
      const [address = '', port = ''] = local.split(':');
      return [{ address: decodeAddress(address), port: Number.parseInt(port, 16), inode }];
    });
  });
}

/** Groups of four bytes in the machine's order. */
function decodeAddress(hex: string): string {
  const bytes = (hex.match(/.{8}/g) ?? []).map((word) => (word.match(/../g) ?? []).toReversed().join('')).join('');
  return formatAddress({ family: hex.length === 8 ? 4 : 6, value: BigInt(`0x${bytes}`) });
}

function ownerOf(inode: string): { readonly pid: number; readonly command: string } {
  for (const pid of readdirSync('/proc')) {
    if (!/^\d+$/.test(pid) || !hasSocket(pid, inode)) continue;
    const command =
      textOfFile(`/proc/${pid}/cmdline`, 'latin1').split('\0').join(' ').trim() || textOfFile(`/proc/${pid}/comm`, 'latin1').trim();
    return { pid: Number(pid), command: command.slice(0, 120) };
  }
  return { pid: 0, command: '' };
}

function hasSocket(pid: string, inode: string): boolean {
  try {
    return readdirSync(`/proc/${pid}/fd`).some((fd) => {
      try {
        return readlinkSync(`/proc/${pid}/fd/${fd}`) === `socket:[${inode}]`;
      } catch {
        return false; // closed in the meantime
      }
    });
  } catch {
    return false; // ended in the meantime
  }
}
