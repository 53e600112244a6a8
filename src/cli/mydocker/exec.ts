import type { Command } from 'commander';
import { MydockerError } from '../../errors.ts';
import { isTerminal } from '../../util/stdio.ts';
import type { Cli } from './cli.ts';
import { collect } from './collect.ts';
import { envEntries, fileLines } from './run/values.ts';
import { lastWords } from '../report-error.ts';

interface ExecFlags {
  readonly detach?: boolean;
  readonly detachKeys?: string;
  readonly env: readonly string[];
  readonly envFile: readonly string[];
  readonly interactive?: boolean;
  readonly privileged?: boolean;
  readonly tty?: boolean;
  readonly user?: string;
  readonly workdir?: string;
}

export function defineVerb(command: Command, cli: Cli): void {
  command
    .argument('<container>')
    .argument('<command...>')
    .passThroughOptions()
    .option('-d, --detach', 'run it in the background')
    .option('--detach-keys <keys>', 'keys that detach, ctrl-p,ctrl-q by default')
    .option('-e, --env <key=value>', 'set an environment variable', collect, [])
    .option('--env-file <file>', 'read environment variables from a file', collect, [])
    .option('-i, --interactive', 'pass stdin on')
    .option('--privileged', 'all capabilities')
    .option('-t, --tty', 'with a terminal')
    .option('-u, --user <user[:group]>', 'user, by name or number')
    .option('-w, --workdir <folder>', 'working directory')
    .action(async (reference: string, args: readonly string[], flags: ExecFlags) => {
      const { detach = false, interactive = false, tty = false } = flags;
      if (tty && interactive && !detach && !isTerminal(0)) {
        throw new MydockerError('usage', 'the input device is not a TTY', { hint: 'Leave out -t where stdin is a pipe or a file.' });
      }
      const runtime = await cli.open();
      const { exitCode } = await runtime.containers.exec(reference, {
        args,
        env: envEntries([...flags.envFile.flatMap((path) => fileLines('--env-file', path)), ...flags.env]),
        mode: detach ? 'detach' : 'relay',
        tty,
        stdin: interactive,
        privileged: flags.privileged ?? false,
        ...(flags.user === undefined ? {} : { user: flags.user }),
        ...(flags.workdir === undefined ? {} : { cwd: flags.workdir }),
        last: () => lastWords(runtime.warnings()),
        ...(flags.detachKeys === undefined ? {} : { detachKeys: flags.detachKeys }),
      });
      cli.setExitStatus(exitCode);
    });
}
