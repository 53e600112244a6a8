import type { Command } from 'commander';
import { followSession } from '../mydocker/session.ts';
import { projectOrName } from './session/load-desired.ts';
import { selectReplica } from './session/select-containers.ts';
import type { Session } from './session/session.ts';
import { wholeNumber } from './session/values.ts';

interface AttachOptions {
  readonly detachKeys?: string;
  readonly index?: number;
  readonly stdin: boolean;
  readonly sigProxy: boolean;
}

export function defineAttach(command: Command, session: Session): void {
  command
    .argument('<service>')
    .option('--detach-keys <keys>', 'Override the key sequence for detaching from a container')
    .option('--index <index>', 'Index of the container if service has multiple replicas', wholeNumber)
    .option('--no-stdin', 'Do not attach STDIN')
    .option('--sig-proxy', 'Proxy all received signals to the process', true)
    .option('--no-sig-proxy')
    .addHelpText('after', '\nExample:\n  mydocker-compose attach --no-stdin web')
    .action(async (service: string, { detachKeys, index, stdin, sigProxy }: AttachOptions) => {
      const runtime = await session.runtime();
      const container = await selectReplica(runtime, await projectOrName(session.globals), service, index);
      const opened = await runtime.containers.attach(container.config.id, {
        stdin: stdin && container.config.process.stdinOpen,
        stdout: true,
        stderr: true,
        sigProxy,
        ...(detachKeys === undefined ? {} : { detachKeys }),
      });
      session.exitStatus = (await followSession(runtime, opened)).code;
    });
}
