import { Option, type Command } from 'commander';
import { planBuild } from '../../plan/plan-build.ts';
import { writeErr } from '../../util/stdio.ts';
import { execute } from './session/execute.ts';
import { outOfTurn } from './session/in-turn.ts';
import { collect } from './session/globals.ts';
import { loadDesired } from './session/load-desired.ts';
import type { Session } from './session/session.ts';

interface BuildOptions {
  readonly buildArg?: readonly string[];
  readonly cache: boolean;
  readonly pull?: boolean;
  readonly quiet?: boolean;
  readonly withDependencies?: boolean;
}

export function defineBuild(command: Command, session: Session): void {
  command
    .argument('[services...]')
    .option('--build-arg <arg>', 'Set build-time variables for services: NAME=VALUE, or NAME to take it from the environment', collect)
    .option('--no-cache', 'Do not use cache when building the image')
    .option('--pull', 'Always attempt to pull a newer version of the image')
    .option('-q, --quiet', "Don't print anything")
    .option('--with-dependencies', 'Also build dependencies')
    .addOption(new Option('--progress <type>').hideHelp())
    .addOption(new Option('-m, --memory <bytes>').hideHelp())
    .addHelpText('after', '\nExample:\n  mydocker-compose build --build-arg VERSION=2 web')
    .action(async (services: readonly string[], options: BuildOptions) => {
      const desired = await loadDesired(session.globals, services);
      const plan = planBuild(desired, services, options.withDependencies === true);
      if (plan.operations.length === 0) writeErr('warning: No services to build\n');
      const build = { args: buildArgs(options.buildArg ?? []), noCache: !options.cache, pull: options.pull === true };
      await execute(session, await outOfTurn(session), plan, { desired, build, quiet: options.quiet === true });
    });
}

/** A name without a value takes it from the environment, or is left out where that has none. */
export function buildArgs(texts: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    texts.flatMap((text) => {
      const equals = text.indexOf('=');
      const name = equals < 0 ? text : text.slice(0, equals);
      const value = equals < 0 ? process.env[name] : text.slice(equals + 1);
      return value === undefined ? [] : [[name, value]];
    }),
  );
}
