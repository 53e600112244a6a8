import type { Command } from 'commander';
import { VERSION } from '../version.ts';

export function defineVerb(command: Command): void {
  command.action(() => {
    process.stdout.write(`mydocker version ${VERSION}\n`);
  });
}
