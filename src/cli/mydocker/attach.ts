import type { Command } from 'commander';
import type { Cli } from './cli.ts';
import { followSession } from './session.ts';

interface AttachFlags {
  readonly detachKeys?: string;
  /** false for --no-stdin. */
  readonly stdin: boolean;
  readonly sigProxy: string | boolean;
}

export function defineVerb(command: Command, cli: Cli): void {
  command
    .argument('<container>')
    .option('--detach-keys <keys>', 'keys that detach, ctrl-p,ctrl-q by default')
    .option('--no-stdin', 'do not pass stdin on')
    .option('--sig-proxy [boolean]', 'pass signals on to the process', 'true')
    .action(async (reference: string, { detachKeys, stdin, sigProxy }: AttachFlags) => {
      const runtime = await cli.open();
      const session = await runtime.containers.attach(reference, {
        stdin,
        stdout: true,
        stderr: true,
        sigProxy: sigProxy !== 'false',
        ...(detachKeys === undefined ? {} : { detachKeys }),
      });
      cli.setExitStatus((await followSession(runtime, session)).code);
    });
}
