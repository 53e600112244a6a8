import type { Command } from 'commander';
import { MydockerError } from '../../errors.ts';
import { writeOut } from '../../util/stdio.ts';
import type { Cli } from './cli.ts';

export function defineVerb(command: Command, cli: Cli): void {
  command
    .argument('<container>')
    .argument('[private-port]', 'PORT or PORT/PROTOCOL; all of them when absent')
    .action(async (reference: string, wanted: string | undefined) => {
      const { network } = await (await cli.open()).containers.get(reference);
      const ports = network.ports.toSorted((a, b) => a.containerPort - b.containerPort || a.hostPort - b.hostPort);
      if (wanted === undefined) {
        for (const { containerPort, protocol, hostIp, hostPort } of ports) {
          writeOut(`${containerPort}/${protocol} -> ${joined(hostIp, hostPort)}\n`);
        }
        return;
      }
      const [port = '', protocol = 'tcp'] = wanted.split('/');
      if (!/^\d+$/.test(port)) throw new MydockerError('usage', `${wanted} is not a port`, { hint: 'Write 80 or 53/udp.' });
      const found = ports.filter((entry) => entry.containerPort === Number(port) && entry.protocol === protocol);
      if (found.length === 0) throw new MydockerError('not-found', `no public port '${port}/${protocol}' published for ${reference}`);
      for (const { hostIp, hostPort } of found) writeOut(`${joined(hostIp, hostPort)}\n`);
    });
}

function joined(address: string, port: number): string {
  return `${address.includes(':') ? `[${address}]` : address}:${port}`;
}
