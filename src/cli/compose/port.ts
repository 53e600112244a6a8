import type { Command } from 'commander';
import { MydockerError } from '../../errors.ts';
import { isAlive } from '../../plan/container-facts.ts';
import { shownPorts } from '../../ui/port-text.ts';
import { writeOut } from '../../util/stdio.ts';
import { projectOrName } from './session/load-desired.ts';
import { selectReplica } from './session/select-containers.ts';
import type { Session } from './session/session.ts';
import { wholeNumber } from './session/values.ts';

export function definePort(command: Command, session: Session): void {
  command
    .argument('<service>')
    .argument('<private-port>')
    .option('--protocol <protocol>', 'tcp or udp', 'tcp')
    .option('--index <index>', 'Index of the container if service has multiple replicas', wholeNumber)
    .addHelpText('after', '\nExample:\n  mydocker-compose port web 80')
    .action(async (service: string, wanted: string, options: { readonly protocol: string; readonly index?: number }) => {
      const [port = '', protocol = options.protocol.toLowerCase()] = wanted.split('/');
      if (!/^\d+$/.test(port)) throw new MydockerError('usage', `${wanted} is not a port`);
      const container = await selectReplica(await session.runtime(), await projectOrName(session.globals), service, options.index);
      const ports = isAlive(container) ? shownPorts(container.network.ports, container.config.network.exposed) : [];
      const first = ports.find((entry) => entry.containerPort === Number(port) && entry.protocol === protocol);
      if (first === undefined) {
        const others = [...new Set(ports.map((entry) => `${String(entry.containerPort)}/${entry.protocol}`))];
        throw new MydockerError(
          'not-found',
          `no port ${port}/${protocol} for container ${container.config.name}: ${others.join(', ') || 'it publishes none'}`,
        );
      }
      const host = first.hostIp.includes(':') ? `[${first.hostIp}]` : first.hostIp;
      writeOut(`${host}:${String(first.hostPort)}\n`);
    });
}
