import type { Command } from 'commander';
import { renameProject } from './session/rename-project.ts';
import type { Session } from './session/session.ts';
import { wholeNumber } from './session/values.ts';

export function defineRename(command: Command, session: Session): void {
  command
    .argument('<old>', 'The project as it is called now')
    .argument('<new>', 'The name it is to have')
    .option('-t, --timeout <seconds>', 'Specify a shutdown timeout in seconds', wholeNumber)
    .addHelpText(
      'after',
      '\nContainers are stopped, volumes, networks and containers go over to the new name without a byte copied, and what ran runs again.' +
        '\nWhat a killed rename left half-done is finished by calling it again.\n\nExample:\n  mydocker-compose rename shop store',
    )
    .action(async (from: string, to: string, { timeout }: { readonly timeout?: number }) => {
      await renameProject(session, { from, to }, { start: true, ...(timeout === undefined ? {} : { timeout }) });
    });
}
