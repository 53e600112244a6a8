import type { Command } from 'commander';
import type { Cli } from './cli.ts';
import { collect } from './collect.ts';
import { pairsOf } from './run/values.ts';

interface CreateFlags {
  readonly driver: string;
  readonly label: readonly string[];
  readonly opt: readonly string[];
}

export function defineVerb(command: Command, cli: Cli): void {
  command
    .argument('[name]', 'random digits by default')
    .option('-d, --driver <driver>', 'volume driver', 'local')
    .option('--label <key=value>', 'set a label', collect, [])
    .option('-o, --opt <key=value>', 'option of the driver: type, o, device', collect, [])
    .action(async (name: string | undefined, { driver, label, opt }: CreateFlags) => {
      const runtime = await cli.open();
      const volume = await runtime.volumes.create({
        driver,
        labels: pairsOf(label),
        driverOpts: pairsOf(opt),
        ...(name === undefined ? {} : { name }),
      });
      process.stdout.write(`${volume.name}\n`);
    });
}
