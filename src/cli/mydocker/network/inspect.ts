import type { Command } from 'commander';
import { MydockerError } from '../../../errors.ts';
import type { NetworkRecord } from '../../../model/runtime.ts';
import type { MydockerRuntime } from '../../../runtime/runtime.ts';
import { renderGoTemplate } from '../../../ui/go-template.ts';
import { writeOut } from '../../../util/stdio.ts';
import type { Cli } from '../cli.ts';

export function defineVerb(command: Command, cli: Cli): void {
  command
    .argument('<NETWORK...>')
    .option('-f, --format <format>', 'a Go template, or json')
    .option('-v, --verbose', 'everything (it is anyway)')
    .action(async (references: readonly string[], { format }: { readonly format?: string }) => {
      const runtime = await cli.open();
      const found = await Promise.all(references.map((reference) => runtime.networks.get(reference)));
      const networks = found.flatMap((network) => (network === undefined ? [] : [describe(runtime, network)]));
      if (format === undefined) writeOut(`${JSON.stringify(networks, undefined, 4)}\n`);
      else for (const network of networks) writeOut(`${format === 'json' ? JSON.stringify(network) : renderGoTemplate(format, network)}\n`);
      const missing = references.filter((_, index) => found[index] === undefined);
      if (missing.length > 0) throw new MydockerError('not-found', `no such network: ${missing.join(', ')}`);
    });
}

/** In the shape of Docker's `network inspect`. */
function describe(runtime: MydockerRuntime, network: NetworkRecord): Readonly<Record<string, unknown>> {
  const containers = runtime.networks
    .containersOn(network)
    .map(({ container, name, macAddress, ipv4, ipv6 }) => [
      container,
      { Name: name, EndpointID: '', MacAddress: macAddress, IPv4Address: ipv4, IPv6Address: ipv6 },
    ]);
  return {
    Name: network.name,
    Id: network.id,
    Created: network.created,
    Scope: 'local',
    Driver: network.driver === 'none' ? 'null' : network.driver,
    EnableIPv4: network.enableIpv4,
    EnableIPv6: network.enableIpv6,
    IPAM: {
      Driver: 'default',
      Options: null,
      Config: network.ipam.map(({ subnet, ipRange, gateway, auxAddresses }) => ({
        Subnet: subnet,
        ...(ipRange === undefined ? {} : { IPRange: ipRange }),
        ...(gateway === undefined ? {} : { Gateway: gateway }),
        ...(auxAddresses === undefined ? {} : { AuxiliaryAddresses: auxAddresses }),
      })),
    },
    Internal: network.internal,
    Attachable: network.attachable,
    Ingress: false,
    ConfigFrom: { Network: '' },
    ConfigOnly: false,
    Containers: Object.fromEntries(containers) as unknown,
    Options: network.driverOpts,
    Labels: network.labels,
  };
}
