import { expect, test } from 'bun:test';
import type { PublishedPort } from '../../../src/model/runtime.ts';
import { portText, shownPorts } from '../../../src/ui/port-text.ts';

function published(hostPort: number, containerPort: number, hostIps = ['0.0.0.0', '::'], protocol = 'tcp'): readonly PublishedPort[] {
  return hostIps.map((hostIp) => ({ hostIp, hostPort, containerPort, protocol }));
}

const text = (ports: readonly PublishedPort[], exposed: readonly string[] = []): string => portText(shownPorts(ports, exposed));

test('ports are in the order of the container, IPv4 before IPv6', () => {
  expect(text([...published(8081, 81), ...published(8080, 80)])).toBe(
    '0.0.0.0:8080->80/tcp, [::]:8080->80/tcp, 0.0.0.0:8081->81/tcp, [::]:8081->81/tcp',
  );
});

test('a range with the same numbers on both sides is one item, before those that differ', () => {
  const range = [7000, 7001, 7002, 7004].flatMap((port) => published(port, port, ['0.0.0.0']));
  expect(text([...published(8080, 80), ...range])).toBe(
    '0.0.0.0:7000-7002->7000-7002/tcp, 0.0.0.0:7004->7004/tcp, 0.0.0.0:8080->80/tcp, [::]:8080->80/tcp',
  );
});

test('exposed ports have no host, and are not shown twice', () => {
  expect(text(published(8080, 80, ['127.0.0.1']), ['80/tcp', '80/udp', '50-52/udp'])).toBe('50-52/udp, 80/udp, 127.0.0.1:8080->80/tcp');
});
