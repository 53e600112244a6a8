import type { Command } from 'commander';
import type { Container } from '../../model/runtime.ts';
import { isAlive } from '../../plan/container-facts.ts';
import { showUsage } from '../show-usage.ts';
import { projectOrName } from './session/load-desired.ts';
import { selectContainers } from './session/select-containers.ts';
import type { Session } from './session/session.ts';

interface StatsOptions {
  readonly all?: boolean;
  readonly format: string;
  readonly stream: boolean;
  readonly trunc: boolean;
}

export function defineStats(command: Command, session: Session): void {
  command
    .argument('[service]')
    .option('-a, --all', 'Show all containers (default shows just running)')
    .option('--format <format>', 'table, json, or a Go template', 'table')
    .option('--no-stream', 'Disable streaming stats and only pull the first result')
    .option('--no-trunc', 'Do not truncate output')
    .addHelpText('after', '\nExample:\n  mydocker-compose stats --no-stream')
    .action(async (service: string | undefined, options: StatsOptions) => {
      const runtime = await session.runtime();
      const target = await projectOrName(session.globals);
      const read = async (): Promise<readonly Container[]> => {
        const { containers } = await selectContainers(runtime, target, service === undefined ? [] : [service], {
          oneOffs: true,
          undeclared: true,
        });
        return containers.filter((container) => options.all === true || isAlive(container));
      };
      await showUsage(read, options);
    });
}
