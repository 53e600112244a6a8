import type { Command } from 'commander';
import { MydockerError } from '../../errors.ts';
import { writeErr, writeOut } from '../../util/stdio.ts';
import type { Cli } from './cli.ts';

export function defineVerb(command: Command, cli: Cli): void {
  command
    .argument('<IMAGE...>')
    .option('-f, --force', 'remove it even if a stopped container uses it')
    .option('--no-prune', 'accepted: an image has no untagged parents here')
    .action(async (references: readonly string[], { force = false }: { readonly force?: boolean }) => {
      const runtime = await cli.open();
      const problems: MydockerError[] = [];
      for (const reference of references) {
        try {
          for (const { untagged, deleted } of await runtime.images.remove(reference, { force })) {
            if (untagged !== undefined) writeOut(`Untagged: ${untagged}\n`);
            if (deleted !== undefined) writeOut(`Deleted: ${deleted}\n`);
          }
        } catch (error) {
          // With force a missing image is only reported.
          if (!(error instanceof MydockerError)) throw error;
          if (force && error.code === 'not-found') writeErr(`error: no such image: ${reference}\n`);
          else problems.push(error);
        }
      }
      const [first] = problems;
      if (first === undefined) return;
      throw problems.length === 1
        ? first
        : new MydockerError('several', `${String(problems.length)} images were not removed`, { problems });
    });
}
