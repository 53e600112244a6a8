import type { Command } from 'commander';
import { loadWithBases } from './session/load-desired.ts';
import { reconcile } from './session/reconcile.ts';
import type { Session } from './session/session.ts';
import { upRequest } from './session/up-options.ts';
import { splitScale } from './session/values.ts';

export function defineScale(command: Command, session: Session): void {
  command
    .argument('<service=replicas...>')
    .option('--no-deps', "Don't start linked services")
    .addHelpText('after', '\nExample:\n  mydocker-compose scale web=3')
    .action(async (words: readonly string[], { deps }: { readonly deps: boolean }) => {
      const scale = Object.fromEntries(words.map(splitScale));
      const services = Object.keys(scale);
      const desired = await loadWithBases(session.globals, services);
      await reconcile(session, desired, { ...upRequest(services, { scale, deps }), ignoreOrphans: true }, { adopt: false });
    });
}
