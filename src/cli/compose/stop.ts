import type { Command } from 'commander';
import { planStop } from '../../plan/plan-containers.ts';
import { execute } from './session/execute.ts';
import { inTurn } from './session/in-turn.ts';
import { projectOrName } from './session/load-desired.ts';
import { selectContainers } from './session/select-containers.ts';
import type { Session } from './session/session.ts';
import { wholeNumber } from './session/values.ts';

export function defineStop(command: Command, session: Session): void {
  command
    .argument('[services...]')
    .option('-t, --timeout <seconds>', 'Specify a shutdown timeout in seconds', wholeNumber)
    .addHelpText('after', '\nExample:\n  mydocker-compose stop -t 30 web')
    .action(async (services: readonly string[], { timeout }: { readonly timeout?: number }) => {
      const target = await projectOrName(session.globals);
      await inTurn(session, target, async (turn) => {
        await execute(session, turn, planStop(await selectContainers(turn.runtime, target, services), timeout));
      });
    });
}
