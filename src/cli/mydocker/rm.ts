import type { Command } from 'commander';
import { MydockerError } from '../../errors.ts';
import type { Cli } from './cli.ts';
import { eachReference } from './each-reference.ts';

interface RmFlags {
  readonly force?: boolean;
  readonly volumes?: boolean;
  readonly link?: boolean;
}

export function defineVerb(command: Command, cli: Cli): void {
  command
    .argument('<container...>')
    .option('-f, --force', 'kill it first if it runs; not an error when it is not there')
    .option('-v, --volumes', 'remove its anonymous volumes too')
    .option('-l, --link', 'not supported')
    .action(async (references: readonly string[], { force = false, volumes = false, link = false }: RmFlags) => {
      if (link) throw new MydockerError('unsupported', 'rm --link is not supported: links are aliases of the network here');
      const runtime = await cli.open();
      await eachReference(references, async (reference) => {
        if (!force) await runtime.containers.get(reference);
        await runtime.containers.remove(reference, { force, volumes });
        return reference;
      });
    });
}
