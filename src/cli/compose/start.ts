import type { Command } from 'commander';
import { MydockerError } from '../../errors.ts';
import { planStart } from '../../plan/plan-containers.ts';
import { execute } from './session/execute.ts';
import { inTurn } from './session/in-turn.ts';
import { projectOrName } from './session/load-desired.ts';
import { activeServices, checkServices, selectContainers } from './session/select-containers.ts';
import type { Session } from './session/session.ts';
import { withDependencies } from '../../plan/service-order.ts';

export function defineStart(command: Command, session: Session): void {
  command
    .argument('[services...]')
    .option('--wait', 'Wait for services to be running|healthy')
    .option('--wait-timeout <seconds>', 'Maximum duration in seconds to wait', Number)
    .addHelpText('after', '\nExample:\n  mydocker-compose start db')
    .action(async (services: readonly string[], options: { readonly wait?: boolean; readonly waitTimeout?: number }) => {
      const target = await projectOrName(session.globals, services);
      const runtime = await session.runtime();
      const wanted = await inTurn(session, target, async (turn) => {
        const selection = await selectContainers(runtime, target, [], { undeclared: true });
        checkServices(target, selection.containers, services);
        if (selection.containers.length === 0 && target.desired === undefined) {
          throw new MydockerError('not-found', `no containers for project "${target.name}"`, { hint: 'make them with `up` or `create`' });
        }
        const project = target.desired?.project;
        const named = services.length > 0 ? services : activeServices(target, selection.containers);
        const started = project === undefined ? named : [...withDependencies(project.services, named)];
        await execute(session, turn, planStart(selection, started));
        return started;
      });
      if (options.wait === true && !session.globals.dryRun) {
        const { waitUntilReady } = await import('./session/wait-until-ready.ts');
        await waitUntilReady(runtime, target.name, wanted, options.waitTimeout);
      }
    });
}
