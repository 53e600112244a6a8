import { expect, test } from 'bun:test';
import { loadErrors } from '../../helpers/compose-files.ts';

const RUN = { forRuntime: true };

function service(settings: string, networks = '{n: }'): Promise<string[]> {
  return loadErrors(`services: {a: {image: x, networks: {n: {${settings}}}}}\nnetworks: ${networks}`, RUN);
}

test('an interface has a name that the kernel takes, and no two of a service have the same', async () => {
  for (const name of ['waytoolonginterface', 'a/b', 'a b', 'lo']) {
    expect(await service(`interface_name: "${name}"`)).toEqual([
      `invalid services.a.networks.n.interface_name: ${JSON.stringify(name)} is not a name for an interface (compose.yaml:1:57) ` +
        '[use 1 to 15 characters without spaces, slashes and colons, not lo]',
    ]);
  }
  expect(
    await loadErrors('services: {a: {image: x, networks: {n: {interface_name: x0}, m: {interface_name: x0}}}}\nnetworks: {n: , m: }', RUN),
  ).toEqual([expect.stringContaining('services.a.networks.n.interface_name: "x0" is the interface of network m already')]);
});

test('a static address is in a subnet that the file gives the network', async () => {
  const subnet = '{n: {ipam: {config: [{subnet: 10.1.2.0/24}]}}}';
  expect(await service('ipv4_address: 10.1.2.9', subnet)).toEqual([]);
  expect(await service('ipv4_address: 10.1.3.9', subnet)).toEqual([
    expect.stringContaining('services.a.networks.n.ipv4_address: 10.1.3.9 is not in network n (10.1.2.0/24)'),
  ]);
  expect(await service('ipv4_address: 10.1.3.9')).toEqual([
    expect.stringContaining('services.a.networks.n.ipv4_address: 10.1.3.9 is not in network n, which has no subnet of its own'),
  ]);
  expect(await service('ipv6_address: "fd00::9"', subnet)).toEqual([expect.stringContaining('fd00::9 is not in network n (10.1.2.0/24)')]);
  expect(await service('ipv4_address: 10.1.3.9', '{n: {external: true}}')).toEqual([]);
});

test('a static address is not one that the file keeps for something else', async () => {
  const network = '{n: {ipam: {config: [{subnet: 10.1.2.0/24, gateway: 10.1.2.254, aux_addresses: {router: 10.1.2.5}}]}}}';
  expect(await service('ipv4_address: 10.1.2.5', network)).toEqual([
    expect.stringContaining('services.a.networks.n.ipv4_address: 10.1.2.5 is reserved as auxiliary address router of network n'),
  ]);
  expect(await service('ipv4_address: 10.1.2.254', network)).toEqual([expect.stringContaining('is reserved as the gateway of network n')]);
  expect(await service('ipv4_address: 10.1.2.6', network)).toEqual([]);
});
