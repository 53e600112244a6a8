import type { Command } from 'commander';
import type { Cli } from './cli.ts';
import { eachReference } from './each-reference.ts';
import { integerOf } from './run/values.ts';

interface RestartFlags {
  readonly signal?: string;
  readonly timeout?: string;
  readonly time?: string;
}

export function defineVerb(command: Command, cli: Cli): void {
  command
    .argument('<container...>')
    .option('-s, --signal <signal>', "signal that stops it, the container's own by default")
    .option('-t, --timeout <seconds>', 'time until it is killed')
    .addOption(command.createOption('--time <seconds>').hideHelp())
    .action(async (references: readonly string[], { signal, timeout, time }: RestartFlags) => {
      const runtime = await cli.open();
      const seconds = timeout ?? time;
      const limit = seconds === undefined ? {} : { timeout: integerOf('--timeout', seconds) };
      await eachReference(references, async (reference) => {
        if (signal === undefined) {
          await runtime.containers.restart(reference, limit);
        } else {
          await runtime.containers.stop(reference, { ...limit, signal });
          await runtime.containers.start(reference);
        }
        return reference;
      });
    });
}
