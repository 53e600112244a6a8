import type { Command } from 'commander';
import type { Cli } from './cli.ts';
import { eachReference } from './each-reference.ts';
import { integerOf } from './run/values.ts';

interface StopFlags {
  readonly signal?: string;
  readonly timeout?: string;
  readonly time?: string;
}

export function defineVerb(command: Command, cli: Cli): void {
  command
    .argument('<container...>')
    .option('-s, --signal <signal>', "signal to send, the container's own by default")
    .option('-t, --timeout <seconds>', 'time until it is killed; -1 waits without end')
    .addOption(command.createOption('--time <seconds>').hideHelp())
    .action(async (references: readonly string[], { signal, timeout, time }: StopFlags) => {
      const runtime = await cli.open();
      const seconds = timeout ?? time;
      await eachReference(references, async (reference) => {
        await runtime.containers.stop(reference, {
          ...(signal === undefined ? {} : { signal }),
          ...(seconds === undefined ? {} : { timeout: integerOf('--timeout', seconds) }),
        });
        return reference;
      });
    });
}
