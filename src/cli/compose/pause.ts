import type { Command } from 'commander';
import { planPause } from '../../plan/plan-containers.ts';
import { execute } from './session/execute.ts';
import { inTurn } from './session/in-turn.ts';
import { projectOrName } from './session/load-desired.ts';
import { selectContainers } from './session/select-containers.ts';
import type { Session } from './session/session.ts';

export function definePause(command: Command, session: Session): void {
  command
    .argument('[services...]')
    .addHelpText('after', '\nExample:\n  mydocker-compose pause web')
    .action(async (services: readonly string[]) => {
      const target = await projectOrName(session.globals);
      await inTurn(session, target, async (turn) => {
        await execute(session, turn, planPause(await selectContainers(turn.runtime, target, services)));
      });
    });
}
