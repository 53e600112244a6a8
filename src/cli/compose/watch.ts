import { Option, type Command } from 'commander';
import { PLAIN_UP } from '../../plan/up-request.ts';
import { loadDesired } from './session/load-desired.ts';
import { reconcile } from './session/reconcile.ts';
import type { Session } from './session/session.ts';
import { watchProject, watchRules } from './watch/watch-project.ts';

interface WatchOptions {
  /** false for --no-up. */
  readonly up: boolean;
  readonly quiet?: boolean;
}

export function defineWatch(command: Command, session: Session): void {
  command
    .argument('[services...]')
    .option('--no-up', 'Do not build & start services before watching')
    .option('--quiet', 'Hide build output')
    .option('--prune', 'Accepted for compatibility: a rebuild leaves no dangling layers that matter')
    .addOption(new Option('--no-prune').hideHelp())
    .addHelpText('after', '\nExample:\n  mydocker-compose watch web')
    .action(async (services: readonly string[], { up, quiet = false }: WatchOptions) => {
      const desired = await loadDesired(session.globals, services);
      const rules = watchRules(desired, services);
      if (up) await reconcile(session, desired, { ...PLAIN_UP, services, build: 'always' }, { adopt: false, quiet });
      if (session.globals.dryRun) return;
      const stop = new AbortController();
      const onSignal = (): void => stop.abort();
      process.once('SIGINT', onSignal);
      process.once('SIGTERM', onSignal);
      await watchProject(session, desired, rules, stop.signal);
    });
}
