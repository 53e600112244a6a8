import type { Command } from 'commander';
import type { Container } from '../../model/runtime.ts';
import { showUsage } from '../show-usage.ts';
import type { Cli } from './cli.ts';

interface StatsFlags {
  readonly all?: boolean;
  readonly format: string;
  readonly stream: boolean;
  readonly trunc: boolean;
}

export function defineVerb(command: Command, cli: Cli): void {
  command
    .argument('[container...]')
    .option('-a, --all', 'stopped ones too')
    .option('--format <format>', 'table, json, table TEMPLATE, or a Go template', 'table')
    .option('--no-stream', 'once, not again and again')
    .option('--no-trunc', "don't truncate output")
    .action(async (references: readonly string[], { all = false, ...options }: StatsFlags) => {
      const { containers } = await cli.open();
      const read = async (): Promise<readonly Container[]> => {
        if (references.length > 0) return Promise.all(references.map((reference) => containers.get(reference)));
        return (await containers.list()).filter(({ state }) => all || state.supervisorPid > 0);
      };
      await showUsage(read, options);
    });
}
