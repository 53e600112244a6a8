import { isIP } from '../../util/ip.ts';

export interface ShortPort {
  mode: 'ingress';
  host_ip?: string;
  target: number;
  published?: string;
  protocol: string;
}

class PortError extends Error {}

/** `[[IP:]HOST[-HOST]:]CONTAINER[-CONTAINER][/PROTOCOL]`: one entry for each container port, ordered as text. */
export function parsePort(spec: string): { ports: ShortPort[]; error?: string } {
  try {
    return { ports: expand(spec).sort((a, b) => (key(a) < key(b) ? -1 : 1)) };
  } catch (error) {
    if (error instanceof PortError) return { ports: [], error: error.message };
    throw error;
  }
}

function key({ target, protocol }: ShortPort): string {
  return `${String(target)}/${protocol}`;
}

function expand(spec: string): ShortPort[] {
  const { ip, host, container } = split(spec);
  const [range = '', given = '', ...rest] = container.split('/');
  const protocol = given || 'tcp';
  if (range === '') throw new PortError(`no port specified: ${spec}<empty>`);
  if (rest.length > 0 || !['tcp', 'udp', 'sctp'].includes(protocol.toLowerCase())) {
    throw new PortError(`invalid protocol: ${[protocol, ...rest].join('/')}`);
  }
  const address = /^\[.*\]$/.test(ip) ? ip.slice(1, -1) : ip;
  if (address === ip && ip.includes(':')) throw new PortError(`invalid IP address: ${ip}: write it in brackets, [${ip}]`);
  if (address !== '' && isIP(address) === 0) throw new PortError(`invalid IP address: ${ip}`);
  const [start, end] = parseRange(range, `invalid container port: ${range}`);
  const [hostStart, hostEnd] = host === '' ? [0, 0] : parseRange(host, `invalid host port: ${host}`);
  if (host !== '' && end - start !== hostEnd - hostStart && end !== start) {
    throw new PortError(`invalid ranges specified for container and host ports: ${range} and ${host}`);
  }
  const ports: ShortPort[] = [];
  for (let offset = 0; offset <= end - start; offset += 1) {
    const published = end === start && hostStart !== hostEnd ? `${String(hostStart)}-${String(hostEnd)}` : String(hostStart + offset);
    ports.push({
      mode: 'ingress',
      ...(address === '' ? {} : { host_ip: address }),
      target: start + offset,
      ...(host === '' ? {} : { published }),
      protocol: protocol.toLowerCase(),
    });
  }
  return ports;
}

function split(spec: string): { ip: string; host: string; container: string } {
  const parts = spec.split(':');
  const container = parts.pop() ?? '';
  const host = parts.pop() ?? '';
  return { ip: parts.join(':'), host, container };
}

function parseRange(text: string, message: string): [number, number] {
  const [first = '', last = first, ...rest] = text.split('-');
  const start = parseNumber(first);
  const end = parseNumber(last);
  if (rest.length > 0 || start === undefined || end === undefined) throw new PortError(message);
  if (end < start) throw new PortError(`${message}: the range ends before it starts`);
  return [start, end];
}

function parseNumber(text: string): number | undefined {
  return /^\d+$/.test(text) && Number(text) <= 65535 ? Number(text) : undefined;
}
