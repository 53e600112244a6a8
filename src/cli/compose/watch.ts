import { Option, type Command } from 'commander';
import { PLAIN_UP } from '../../plan/up-request.ts';
import { loadWithBases } from './session/load-desired.ts';
import { reconcile } from './session/reconcile.ts';
import type { Session } from './session/session.ts';
import { watchProject, watchRules } from './watch/watch-project.ts';

interface WatchOptions {
  /** false for --no-up. */
  readonly up: boolean;
  readonly quiet?: boolean;
  readonly prune: boolean;
}

const STATUS_OF_SIGNAL = { SIGINT: 130, SIGTERM: 143 } as const;

export function defineWatch(command: Command, session: Session): void {
  command
    .argument('[services...]')
    .option('--no-up', 'Do not build & start services before watching')
    .option('--quiet', 'Hide build output')
    .addOption(new Option('--prune', 'Prune dangling images on rebuild').default(true, 'true'))
    .addOption(new Option('--no-prune').hideHelp())
    .addHelpText('after', '\nExample:\n  mydocker-compose watch web')
    .action(async (services: readonly string[], { up, quiet = false, prune }: WatchOptions) => {
      const desired = await loadWithBases(session.globals, services);
      const rules = watchRules(desired, services);
      if (up) await reconcile(session, desired, { ...PLAIN_UP, services, build: 'always' }, { adopt: false, quietBuild: quiet });
      if (session.globals.dryRun) return;
      const stop = new AbortController();
      for (const signal of ['SIGINT', 'SIGTERM'] as const) {
        process.once(signal, () => {
          session.exitStatus = STATUS_OF_SIGNAL[signal];
          stop.abort();
        });
      }
      await watchProject(session, desired, rules, { signal: stop.signal, quietBuild: quiet, prune });
    });
}
