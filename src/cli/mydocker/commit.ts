import type { Command } from 'commander';
import { MydockerError } from '../../errors.ts';
import { writeOut } from '../../util/stdio.ts';
import type { Cli } from './cli.ts';
import { collect } from './collect.ts';

interface CommitFlags {
  readonly author?: string;
  readonly change: readonly string[];
  readonly message?: string;
  readonly pause: string | boolean;
}

export function defineVerb(command: Command, cli: Cli): void {
  command
    .argument('<CONTAINER>')
    .argument('[REPOSITORY[:TAG]]')
    .option('-a, --author <author>', 'author, e.g. "Jane Doe <jane@example.org>"')
    .option('-c, --change <instruction>', 'apply a Dockerfile instruction to the image', collect, [])
    .option('-m, --message <text>', 'commit message')
    .option('-p, --pause [boolean]', 'pause the container during commit', true)
    .option('--no-pause', 'leave the container running')
    .action(async (container: string, name: string | undefined, { author, change, message, pause }: CommitFlags) => {
      const { parseTagged } = await import('../../runtime/images/reference.ts');
      const reference = name === undefined ? undefined : parseTagged(name);
      if (reference?.digest !== undefined)
        throw new MydockerError('invalid', 'cannot commit to a digest', { resource: `image ${name ?? ''}` });
      const { files } = await cli.open();
      const id = await files.commit(container, {
        pause: pause !== false && pause !== 'false',
        changes: change,
        ...(reference === undefined ? {} : { name: reference }),
        ...(author === undefined ? {} : { author }),
        ...(message === undefined ? {} : { message }),
      });
      writeOut(`${id}\n`);
    });
}
