import { Argument, type Command } from 'commander';
import { writeOut } from '../../util/stdio.ts';
import { COMPLETION_SCRIPTS, SHELLS, type Shell } from './completion/scripts.ts';

export function defineCompletion(command: Command): void {
  command
    .addArgument(new Argument('<shell>', 'The shell to write the script for').choices(SHELLS))
    .addHelpText('after', '\nExample:\n  mydocker-compose completion bash > /etc/bash_completion.d/mydocker-compose')
    .action((shell: Shell) => {
      writeOut(COMPLETION_SCRIPTS[shell]);
    });
}
