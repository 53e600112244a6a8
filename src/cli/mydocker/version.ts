import type { Command } from 'commander';
import { writeOut } from '../../util/stdio.ts';
import { VERSION } from '../version.ts';

export function defineVerb(command: Command): void {
  command.action(() => {
    writeOut(`mydocker version ${VERSION}\n`);
  });
}
