import type { Command } from 'commander';
import { planKill } from '../../plan/plan-containers.ts';
import { writeErr } from '../../util/stdio.ts';
import { signalNumber } from '../../util/signals.ts';
import { MydockerError } from '../../errors.ts';
import { execute } from './session/execute.ts';
import { inTurn } from './session/in-turn.ts';
import { projectOrName } from './session/load-desired.ts';
import { selectContainers } from './session/select-containers.ts';
import type { Session } from './session/session.ts';

export function defineKill(command: Command, session: Session): void {
  command
    .argument('[services...]')
    .option('-s, --signal <signal>', 'SIGNAL to send to the container', 'SIGKILL')
    .option('--remove-orphans', 'Kill containers of services not defined in the Compose file too')
    .addHelpText('after', '\nExample:\n  mydocker-compose kill -s HUP web')
    .action(
      async (services: readonly string[], { signal, removeOrphans }: { readonly signal: string; readonly removeOrphans?: boolean }) => {
        if (signalNumber(signal) === undefined) throw new MydockerError('usage', `invalid signal: ${signal}`);
        const target = await projectOrName(session.globals);
        await inTurn(session, target, async (turn) => {
          const selection = await selectContainers(turn.runtime, target, services, { oneOffs: true, undeclared: removeOrphans === true });
          const plan = planKill(selection, signal);
          if (plan.operations.length === 0) writeErr('no container to kill\n');
          await execute(session, turn, plan);
        });
      },
    );
}
