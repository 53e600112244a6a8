import { Option, type Command } from 'commander';
import { MydockerError } from '../../errors.ts';
import { isTerminal } from '../../util/stdio.ts';
import { collect } from './session/globals.ts';
import { projectOrName } from './session/load-desired.ts';
import { selectReplica } from './session/select-containers.ts';
import type { Session } from './session/session.ts';
import { wholeNumber } from './session/values.ts';
import { lastWords } from '../report-error.ts';
import { withOwnValue } from './exec-environment.ts';

interface ExecCommandOptions {
  readonly detach?: boolean;
  readonly env?: readonly string[];
  readonly index?: number;
  /** false for -T. */
  readonly TTY?: boolean;
  readonly tty?: boolean;
  readonly interactive: boolean;
  readonly privileged?: boolean;
  readonly user?: string;
  readonly workdir?: string;
}

export function defineExec(command: Command, session: Session): void {
  command
    .argument('<service>')
    .argument('<command...>')
    .passThroughOptions()
    .option('-d, --detach', 'Detached mode: Run command in the background')
    .option('-e, --env <variable>', 'Set environment variables', collect)
    .option('--index <index>', 'Index of the container if service has multiple replicas', wholeNumber)
    .option('-T, --no-tty', 'Disable pseudo-TTY allocation; the default without a terminal')
    .addOption(new Option('--no-TTY').hideHelp())
    .option('-t, --tty', 'Allocate a pseudo-TTY')
    .option('-i, --interactive', 'Keep STDIN open even if not attached', true)
    .option('--no-interactive')
    .option('--privileged', 'Give extended privileges to the process')
    .option('-u, --user <user>', 'Run the command as this user')
    .option('-w, --workdir <path>', 'Path to workdir directory for this command')
    .addHelpText('after', '\nExample:\n  mydocker-compose exec -T db sh -c "id -u"')
    .action(async (service: string, args: readonly string[], options: ExecCommandOptions) => {
      const runtime = await session.runtime();
      const container = await selectReplica(runtime, await projectOrName(session.globals), service, options.index);
      if (container.state.status !== 'running') {
        throw new MydockerError('state', `service "${service}" is not running`, {
          hint: `container ${container.config.name} is ${container.state.status}`,
        });
      }
      if (session.globals.dryRun) return;
      const tty = options.TTY !== false && options.tty !== false && isTerminal(0) && isTerminal(1);
      const { exitCode } = await runtime.containers.exec(container.config.id, {
        args,
        tty: options.detach === true ? false : tty,
        stdin: options.detach !== true && options.interactive,
        mode: options.detach === true ? 'detach' : 'relay',
        env: (options.env ?? []).flatMap(withOwnValue),
        privileged: options.privileged === true,
        ...(options.user === undefined ? {} : { user: options.user }),
        ...(options.workdir === undefined ? {} : { cwd: options.workdir }),
        last: () => lastWords(runtime.warnings()),
      });
      session.exitStatus = exitCode;
    });
}
