import type { Command } from 'commander';
import { MydockerError } from '../../../errors.ts';
import { PREDEFINED } from '../../../runtime/networks/network-records.ts';
import { writeOut } from '../../../util/stdio.ts';
import type { Cli } from '../cli.ts';
import { collect } from '../collect.ts';
import { confirm } from '../../ask.ts';
import { networkFilter } from './filter.ts';

interface PruneFlags {
  readonly filter: readonly string[];
  readonly force?: boolean;
}

export function defineVerb(command: Command, cli: Cli): void {
  command
    .option('--filter <filter>', 'label=, label!=, until=', collect, [])
    .option('-f, --force', 'do not ask')
    .action(async ({ filter, force = false }: PruneFlags) => {
      const matches = networkFilter(filter);
      const question =
        'WARNING! This will remove all custom networks not used by at least one container.\nAre you sure you want to continue?';
      if (!force && !(await confirm(question))) return;
      const runtime = await cli.open();
      const containers = await runtime.containers.list();
      // A stopped container comes back to its networks: they are in use.
      const used = new Set(containers.flatMap(({ config }) => config.network.endpoints.map(({ network }) => network)));
      const networks = (await runtime.networks.list()).filter((network) => !PREDEFINED.has(network.name) && !used.has(network.name));
      const removed: string[] = [];
      for (const network of networks.filter(matches)) {
        try {
          await runtime.networks.remove(network.id);
          removed.push(network.name);
        } catch (error) {
          // Somebody took it into use, or removed it, in the meantime.
          if (!(error instanceof MydockerError) || !['conflict', 'not-found'].includes(error.code)) throw error;
        }
      }
      // A removal that was killed may have left it.
      await runtime.networks.removeUnusedBridge();
      if (removed.length > 0) writeOut(`Deleted Networks:\n${removed.join('\n')}\n\n`);
    });
}
