import type { Command } from 'commander';
import { MydockerError } from '../../../errors.ts';
import type { Cli } from '../cli.ts';
import { printInspected } from '../print-inspected.ts';
import { volumeJson } from './volume-json.ts';

export function defineVerb(command: Command, cli: Cli): void {
  command
    .argument('<VOLUME...>')
    .option('-f, --format <format>', 'a Go template, or json')
    .action(async (names: readonly string[], { format }: { readonly format?: string }) => {
      const runtime = await cli.open();
      await printInspected(names, format, async (name) => {
        const volume = await runtime.volumes.get(name);
        if (volume === undefined) throw new MydockerError('not-found', `no such volume: ${name}`);
        return volumeJson(volume);
      });
    });
}
