import type { Command } from 'commander';
import { parseTagged } from '../../runtime/images/reference.ts';
import { writeOut } from '../../util/stdio.ts';
import { collect } from './session/globals.ts';
import { projectOrName } from './session/load-desired.ts';
import { selectReplica } from './session/select-containers.ts';
import type { Session } from './session/session.ts';
import { wholeNumber } from './session/values.ts';

interface CommitCommandOptions {
  readonly author?: string;
  readonly change?: readonly string[];
  readonly index?: number;
  readonly message?: string;
  readonly pause: boolean;
}

export function defineCommit(command: Command, session: Session): void {
  command
    .argument('<service>')
    .argument('[repository:tag]')
    .option('-a, --author <author>', 'Author (e.g., "John Hannibal Smith <hannibal@a-team.com>")')
    .option('-c, --change <instruction>', 'Apply Dockerfile instruction to the created image (repeatable)', collect)
    .option('--index <index>', 'Index of the container if service has multiple replicas', wholeNumber)
    .option('-m, --message <text>', 'Commit message')
    .option('-p, --pause', 'Pause container during commit', true)
    .option('--no-pause')
    .addHelpText('after', '\nExample:\n  mydocker-compose commit web web:patched')
    .action(async (service: string, name: string | undefined, options: CommitCommandOptions) => {
      const runtime = await session.runtime();
      const container = await selectReplica(runtime, await projectOrName(session.globals), service, options.index);
      const reference = name === undefined ? undefined : parseTagged(name);
      if (session.globals.dryRun) return;
      const id = await runtime.files.commit(container.config.id, {
        pause: options.pause,
        ...(reference === undefined ? {} : { name: reference }),
        ...(options.author === undefined ? {} : { author: options.author }),
        ...(options.message === undefined ? {} : { message: options.message }),
        ...(options.change === undefined ? {} : { changes: options.change }),
      });
      writeOut(`${id}\n`);
    });
}
