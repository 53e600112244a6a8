import type { Command } from 'commander';
import { MydockerError } from '../../../errors.ts';
import { renderGoTemplate } from '../../../ui/go-template.ts';
import type { Cli } from '../cli.ts';
import { eachReference } from '../each-reference.ts';

export function defineVerb(command: Command, cli: Cli): void {
  command
    .argument('<VOLUME...>')
    .option('-f, --format <format>', 'a Go template, or json')
    .action(async (names: readonly string[], { format }: { readonly format?: string }) => {
      const runtime = await cli.open();
      const found: Record<string, unknown>[] = [];
      const print = (): void => {
        if (format === undefined) process.stdout.write(`${JSON.stringify(found, undefined, 4)}\n`);
        else
          for (const volume of found)
            process.stdout.write(`${format === 'json' ? JSON.stringify(volume) : renderGoTemplate(format, volume)}\n`);
      };
      try {
        await eachReference(names, async (name) => {
          const volume = await runtime.volumes.get(name);
          if (volume === undefined) throw new MydockerError('not-found', `no such volume: ${name}`);
          const { created, driver, driverOpts, labels, mountpoint } = volume;
          found.push({
            CreatedAt: created,
            Driver: driver,
            Labels: Object.keys(labels).length === 0 ? null : labels,
            Mountpoint: mountpoint,
            Name: volume.name,
            Options: Object.keys(driverOpts).length === 0 ? null : driverOpts,
            Scope: 'local',
          });
          return undefined;
        });
      } finally {
        print();
      }
    });
}
