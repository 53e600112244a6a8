import type { Command } from 'commander';
import { MydockerError } from '../../errors.ts';
import type { Cli } from './cli.ts';
import { eachReference } from './each-reference.ts';
import { followSession } from './session.ts';

interface StartFlags {
  readonly attach?: boolean;
  readonly interactive?: boolean;
  readonly detachKeys?: string;
}

export function defineVerb(command: Command, cli: Cli): void {
  command
    .argument('<container...>')
    .option('-a, --attach', 'attach stdout and stderr and pass signals on')
    .option('-i, --interactive', 'attach stdin')
    .option('--detach-keys <keys>', 'keys that detach, ctrl-p,ctrl-q by default')
    .action(async (references: readonly string[], { attach = false, interactive = false, detachKeys }: StartFlags) => {
      const runtime = await cli.open();
      if (!attach && !interactive) {
        await eachReference(references, async (reference) => {
          await runtime.containers.start(reference);
          return reference;
        });
        return;
      }
      const [reference, second] = references;
      if (reference === undefined || second !== undefined) throw new MydockerError('usage', 'only one container can be attached to');
      const session = await runtime.containers.open(reference, {
        attach: { stdin: interactive, stdout: true, stderr: true, ...(detachKeys === undefined ? {} : { detachKeys }) },
      });
      const { config } = await runtime.containers.get(reference);
      const end = await followSession(runtime, session);
      cli.setExitStatus(end.code);
      if (!end.detached && config.autoRemove) await runtime.containers.remove(config.id, { volumes: true });
    });
}
