import { expect, test } from 'bun:test';
import type { EndpointSpec, PortSpec } from '../../../../src/model/container.ts';
import type { NetworkRecord } from '../../../../src/model/runtime.ts';
import {
  compareGateways,
  endpointNames,
  interfaceNames,
  publishFields,
  resolverFields,
  type EndpointPlan,
} from '../../../../src/runtime/networks/endpoint-plan.ts';
import { formatHosts, formatInternalResolver, mergeHosts } from '../../../../src/runtime/networks/network-files.ts';

const spec: EndpointSpec = { network: 'net', aliases: [], links: [], linkLocalIps: [], priority: 0, gwPriority: 0, driverOpts: {} };

function plan(name: string, change: Partial<EndpointSpec> = {}, network: Partial<NetworkRecord> = {}): EndpointPlan {
  const record = { id: 'b'.repeat(64), name, driver: 'bridge', driverOpts: {}, labels: {}, internal: false } as unknown as NetworkRecord;
  return {
    network: { ...record, ...network },
    spec: { ...spec, ...change },
    interfaceName: 'eth0',
    defaultIpv4: false,
    defaultIpv6: false,
  };
}

function configOf(ports: readonly PortSpec[], dns: readonly string[] = []) {
  return { network: { endpoints: [], ports, extraHosts: [], dns, dnsSearch: [], dnsOptions: [], exposed: [] } };
}

test('interfaces are named in order, around names that were asked for', () => {
  const prefix = { driverOpts: { 'com.docker.network.container_iface_prefix': 'lan' } };
  expect(interfaceNames([plan('a'), plan('b', { interfaceName: 'eth1' }), plan('c'), plan('d', {}, prefix)])).toEqual([
    'eth0',
    'eth1',
    'eth2',
    'lan3',
  ]);
});

test('the default route goes by gw_priority, then by name, never over an internal network', () => {
  const plans = [plan('b'), plan('a'), plan('z', { gwPriority: 2 }), plan('i', { gwPriority: 9 }, { internal: true })];
  expect(plans.toSorted(compareGateways).map(({ network }) => network.name)).toEqual(['z', 'a', 'b', 'i']);
});

test('a container has each of its names once', () => {
  const config = { id: '0123456789abcdef', name: 'p-web-1', hostname: '0123456789ab' };
  expect(endpointNames(config, { ...spec, aliases: ['web', 'WEB', 'p-web-1'] })).toEqual(['p-web-1', 'web', '0123456789ab']);
});

const port: PortSpec = { containerPort: 80, protocol: 'tcp', hostIp: '', hostPort: 8080 };

test('ports follow the binding address of the network that leads outside', () => {
  const ports = [port, { ...port, hostIp: '::1', hostPort: 0 }, { ...port, hostPort: 9000, hostPortEnd: 9010 }];
  const bound = { driverOpts: { 'com.docker.network.bridge.host_binding_ipv4': '127.0.0.1' } };
  expect(publishFields(configOf(ports), [plan('a')]).map(([, value]) => value)).toEqual([
    'tcp * 8080 8080 80',
    'tcp ::1 0 0 80',
    'tcp * 9000 9010 80',
  ]);
  expect(publishFields(configOf([port]), [plan('a', {}, bound)])).toEqual([['net.publish', 'tcp 127.0.0.1 8080 8080 80']]);
  expect(publishFields(configOf(ports), [plan('a', {}, { internal: true })])).toEqual([]);
});

test('foreign names are asked from the right namespace', () => {
  const host = { nameservers: ['192.0.2.1'], search: [], options: [] };
  const servers = (dns: readonly string[]) =>
    resolverFields(configOf([], dns), host)
      .filter(([key]) => key === 'dns.server')
      .map(([, value]) => value);
  expect(servers([])).toEqual(['host 192.0.2.1']);
  expect(servers(['10.0.0.53', '127.0.0.53'])).toEqual(['container 10.0.0.53', 'host 127.0.0.53']);
});

test('/etc/hosts has the local names, the extra ones, and the own one with its domain', () => {
  expect(formatHosts(['one:10.1.2.3', 'six=::7', 'seven:[::8]'], ['172.18.0.4'], 'web', 'example.test').split('\n').slice(6)).toEqual([
    '10.1.2.3\tone',
    '::7\tsix',
    '::8\tseven',
    '172.18.0.4\tweb.example.test web',
    '',
  ]);
});

test('what a person wrote into /etc/hosts stays when the address changes', () => {
  const ours = formatHosts([], ['172.18.0.4'], 'web', '');
  const next = formatHosts([], ['172.18.0.9'], 'web', '');
  const merged = mergeHosts(`${ours}10.9.9.9\tmine\n`, ours, next);
  expect(merged).toContain('10.9.9.9\tmine\n');
  expect(merged).toContain('172.18.0.9\tweb\n');
  expect(merged).not.toContain('172.18.0.4');
  expect(mergeHosts(merged.replace('::1\tlocalhost ip6-localhost ip6-loopback\n', ''), next, next)).not.toContain('\n::1\t');
});

test('resolv.conf asks the supervisor and keeps ndots at 0 unless told otherwise', () => {
  const host = { nameservers: ['192.0.2.1'], search: ['host.test'], options: ['ndots:5', 'timeout:1'] };
  const none = { nameservers: [], search: [], options: [] };
  expect(formatInternalResolver(none, host).split('\n').slice(1)).toEqual([
    'nameserver 127.0.0.11',
    'search host.test',
    'options timeout:1 ndots:0',
    '',
  ]);
  expect(
    formatInternalResolver({ ...none, search: ['.'], options: ['ndots:3'] }, host)
      .split('\n')
      .slice(1),
  ).toEqual(['nameserver 127.0.0.11', 'options ndots:3', '']);
});
