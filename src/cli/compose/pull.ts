import { Option, type Command } from 'commander';
import { MydockerError } from '../../errors.ts';
import { planPull } from '../../plan/plan-pull.ts';
import { execute } from './session/execute.ts';
import { outOfTurn } from './session/in-turn.ts';
import { loadDesired } from './session/load-desired.ts';
import { observe } from './session/observe.ts';
import type { Session } from './session/session.ts';

interface PullCommandOptions {
  readonly ignoreBuildable?: boolean;
  readonly ignorePullFailures?: boolean;
  readonly includeDeps?: boolean;
  readonly policy?: string;
  readonly quiet?: boolean;
}

export function definePull(command: Command, session: Session): void {
  command
    .argument('[services...]')
    .option('--ignore-buildable', 'Ignore images that can be built')
    .option('--ignore-pull-failures', 'Pull what it can and ignores images with pull failures')
    .option('--include-deps', 'Also pull services declared as dependencies')
    .option('--policy <policy>', 'Apply pull policy: missing, always')
    .option('-q, --quiet', 'Pull without printing progress information')
    .addOption(new Option('--parallel').hideHelp())
    .addOption(new Option('--no-parallel').hideHelp())
    .addHelpText('after', '\nExample:\n  mydocker-compose pull --ignore-buildable')
    .action(async (services: readonly string[], options: PullCommandOptions) => {
      if (options.policy !== undefined && options.policy !== 'missing' && options.policy !== 'always') {
        throw new MydockerError('usage', `invalid --policy option "${options.policy}"`, { hint: 'use missing or always' });
      }
      const desired = await loadDesired(session.globals, services);
      const runtime = await session.runtime();
      const { images } = await observe(runtime, desired);
      const everything = services.length === 0 || options.includeDeps === true;
      const plan = planPull(desired, {
        services: everything ? Object.keys(desired.project.services) : services,
        present: new Set(images.keys()),
        onlyMissing: options.policy === 'missing',
        ignoreBuildable: options.ignoreBuildable === true,
        ignoreFailures: options.ignorePullFailures === true,
      });
      await execute(session, await outOfTurn(session), plan, { desired, quiet: options.quiet === true });
    });
}
