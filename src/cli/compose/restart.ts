import type { Command } from 'commander';
import { planRestart } from '../../plan/plan-containers.ts';
import { execute } from './session/execute.ts';
import { inTurn } from './session/in-turn.ts';
import { projectOrName } from './session/load-desired.ts';
import { activeServices, checkServices, selectContainers } from './session/select-containers.ts';
import type { Session } from './session/session.ts';
import { wholeNumber } from './session/values.ts';

export function defineRestart(command: Command, session: Session): void {
  command
    .argument('[services...]')
    .option('-t, --timeout <seconds>', 'Specify a shutdown timeout in seconds', wholeNumber)
    .option('--no-deps', "Don't restart dependent services")
    .addHelpText('after', '\nExample:\n  mydocker-compose restart web')
    .action(async (services: readonly string[], { timeout, deps }: { readonly timeout?: number; readonly deps: boolean }) => {
      const target = await projectOrName(session.globals);
      await inTurn(session, target, async (turn) => {
        const selection = await selectContainers(turn.runtime, target, [], { undeclared: true });
        checkServices(target, selection.containers, services);
        const wanted = services.length > 0 ? services : activeServices(target, selection.containers);
        await execute(session, turn, planRestart(selection, wanted, { noDeps: !deps, ...(timeout === undefined ? {} : { timeout }) }));
      });
    });
}
