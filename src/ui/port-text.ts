import type { PublishedPort } from '../model/runtime.ts';

/** A port of a container; `hostPort` 0 and no `hostIp`: exposed, not published. */
export type ShownPort = PublishedPort;

/** Published ports and those that are exposed alone (`80/tcp`, `50-52/udp`), in Docker's order. */
export function shownPorts(published: readonly PublishedPort[], exposed: readonly string[]): readonly ShownPort[] {
  const others = exposed
    .flatMap(exposedPorts)
    .filter((port) => !published.some(({ containerPort, protocol }) => containerPort === port.containerPort && protocol === port.protocol));
  return [...published, ...others].toSorted(compare);
}

/** As `docker ps` shows them: neighbours with the same number on both sides are one range, those that differ come last. */
export function portText(ports: readonly ShownPort[]): string {
  const groups = new Map<string, { first: number; last: number }>();
  const ended: string[] = [];
  const mapped: string[] = [];
  for (const { hostIp, hostPort, containerPort, protocol } of ports) {
    if (hostIp !== '' && hostPort !== containerPort) {
      mapped.push(`${bracketed(hostIp)}:${hostPort}->${containerPort}/${protocol}`);
      continue;
    }
    const key = `${hostIp} ${protocol}`;
    const group = groups.get(key);
    if (group !== undefined && containerPort === group.last + 1) {
      group.last = containerPort;
      continue;
    }
    if (group !== undefined) ended.push(groupText(key, group));
    groups.set(key, { first: containerPort, last: containerPort });
  }
  return [...ended, ...[...groups].map(([key, group]) => groupText(key, group)), ...mapped].join(', ');
}

function groupText(key: string, { first, last }: { readonly first: number; readonly last: number }): string {
  const [hostIp = '', protocol = ''] = key.split(' ');
  const range = first === last ? String(first) : `${first}-${last}`;
  return `${hostIp === '' ? '' : `${bracketed(hostIp)}:${range}->`}${range}/${protocol}`;
}

function bracketed(address: string): string {
  return address.includes(':') ? `[${address}]` : address;
}

function exposedPorts(text: string): readonly ShownPort[] {
  const [range = '', protocol = 'tcp'] = text.split('/');
  const [first = 0, last = first] = range.split('-').map(Number);
  return Array.from({ length: last - first + 1 }, (_, index) => ({ hostIp: '', hostPort: 0, containerPort: first + index, protocol }));
}

function compare(a: ShownPort, b: ShownPort): number {
  if (a.containerPort !== b.containerPort) return a.containerPort - b.containerPort;
  if (a.hostIp !== b.hostIp) return a.hostIp < b.hostIp ? -1 : 1;
  if (a.hostPort !== b.hostPort) return a.hostPort - b.hostPort;
  return a.protocol < b.protocol ? -1 : 1;
}
