import type { Command } from 'commander';
import { loadWithBases } from './session/load-desired.ts';
import { reconcile } from './session/reconcile.ts';
import type { Session } from './session/session.ts';
import { defineReconcileOptions, quietParts, upRequest, type ReconcileOptions } from './session/up-options.ts';

export function defineCreate(command: Command, session: Session): void {
  command.argument('[services...]');
  defineReconcileOptions(command);
  command
    .addHelpText('after', '\nExample:\n  mydocker-compose create --force-recreate web')
    .action(async (services: readonly string[], options: ReconcileOptions) => {
      const desired = await loadWithBases(session.globals, services);
      await reconcile(
        session,
        desired,
        { ...upRequest(services, options), start: false },
        { adopt: options.adopt === true, ...quietParts(options) },
      );
    });
}
