import type { Command } from 'commander';
import { isAlive } from '../../plan/container-facts.ts';
import { planRemove } from '../../plan/plan-containers.ts';
import { writeErr, writeOut } from '../../util/stdio.ts';
import { confirm } from '../ask.ts';
import { execute } from './session/execute.ts';
import { inTurn } from './session/in-turn.ts';
import { projectOrName } from './session/load-desired.ts';
import { selectContainers } from './session/select-containers.ts';
import type { Session } from './session/session.ts';

interface RmOptions {
  readonly force?: boolean;
  readonly stop?: boolean;
  readonly volumes?: boolean;
}

export function defineRm(command: Command, session: Session): void {
  command
    .argument('[services...]')
    .option('-f, --force', "Don't ask to confirm removal")
    .option('-s, --stop', 'Stop the containers, if required, before removing')
    .option('-v, --volumes', 'Remove any anonymous volumes attached to containers')
    .option('-a, --all', 'Accepted for compatibility')
    .addHelpText('after', '\nExample:\n  mydocker-compose rm -f -s -v web')
    .action(async (services: readonly string[], options: RmOptions) => {
      const target = await projectOrName(session.globals);
      const runtime = await session.runtime();
      const { containers } = await selectContainers(runtime, target, services);
      const doomed = containers.filter((container) => options.stop === true || !isAlive(container));
      if (doomed.length === 0) {
        writeErr('No stopped containers\n');
        return;
      }
      writeOut(`Going to remove ${doomed.map(({ config }) => config.name).join(', ')}\n`);
      if (options.force !== true && !session.globals.dryRun) {
        if (!(await confirm('Are you sure?'))) {
          writeErr('Nothing was removed; --force removes without asking\n');
          return;
        }
      }
      const agreed = new Set(doomed.map(({ config }) => config.id));
      await inTurn(session, target, async (turn) => {
        const selection = await selectContainers(runtime, target, services);
        const chosen = { ...selection, containers: selection.containers.filter(({ config }) => agreed.has(config.id)) };
        await execute(session, turn, planRemove(chosen, { stop: options.stop === true, volumes: options.volumes === true }));
      });
    });
}
