import type { Command } from 'commander';
import { planUnpause } from '../../plan/plan-containers.ts';
import { execute } from './session/execute.ts';
import { inTurn } from './session/in-turn.ts';
import { projectOrName } from './session/load-desired.ts';
import { selectContainers } from './session/select-containers.ts';
import type { Session } from './session/session.ts';

export function defineUnpause(command: Command, session: Session): void {
  command
    .argument('[services...]')
    .addHelpText('after', '\nExample:\n  mydocker-compose unpause web')
    .action(async (services: readonly string[]) => {
      const target = await projectOrName(session.globals);
      await inTurn(session, target, async (turn) => {
        await execute(session, turn, planUnpause(await selectContainers(turn.runtime, target, services)));
      });
    });
}
