import { Option, type Command } from 'commander';
import { MydockerError } from '../../errors.ts';
import { planBuild } from '../../plan/plan-build.ts';
import { writeErr, writeOut } from '../../util/stdio.ts';
import { execute } from './session/execute.ts';
import { outOfTurn } from './session/in-turn.ts';
import { collect } from './session/globals.ts';
import { loadWithBases } from './session/load-desired.ts';
import { pushImages } from './session/push-images.ts';
import { warn, type Session } from './session/session.ts';

interface BuildOptions {
  readonly buildArg?: readonly string[];
  readonly builder?: string;
  readonly check?: boolean;
  readonly memory?: string;
  readonly print?: boolean;
  readonly provenance?: string;
  readonly push?: boolean;
  readonly sbom?: string;
  readonly ssh?: string;
  readonly cache: boolean;
  readonly pull?: boolean;
  readonly quiet?: boolean;
  readonly withDependencies?: boolean;
}

export function defineBuild(command: Command, session: Session): void {
  command
    .argument('[services...]')
    .option('--build-arg <arg>', 'Set build-time variables for services: NAME=VALUE, or NAME to take it from the environment', collect)
    .option('--builder <name>', 'Accepted for compatibility; there is one builder')
    .option('--check', 'Not supported: there are no build checks')
    .option('-m, --memory <bytes>', 'Accepted for compatibility; builds have no memory limit, as with BuildKit')
    .option('--no-cache', 'Do not use cache when building the image')
    .option('--print', 'Print equivalent bake file')
    .option('--provenance <mode>', 'Not supported: no attestations are made; "false" is accepted')
    .option('--pull', 'Always attempt to pull a newer version of the image')
    .option('--push', 'Push service images')
    .option('-q, --quiet', "Don't print anything")
    .option('--sbom <mode>', 'Not supported: no attestations are made; "false" is accepted')
    .option('--ssh <agent>', 'Set SSH authentications used when building service images: default, ID=SOCKET, ID=KEYFILE')
    .option('--with-dependencies', 'Also build dependencies')
    .addOption(new Option('--progress <type>').hideHelp())
    .addOption(new Option('--compress').hideHelp())
    .addOption(new Option('--force-rm').hideHelp())
    .addOption(new Option('--no-rm').hideHelp())
    .addOption(new Option('--parallel').hideHelp())
    .addHelpText('after', '\nExample:\n  mydocker-compose build --build-arg VERSION=2 web')
    .action(async (services: readonly string[], options: BuildOptions) => {
      checkSupport(options);
      const desired = await loadWithBases(session.globals, services);
      const plan = planBuild(desired, services, options.withDependencies === true);
      if (plan.operations.length === 0) writeErr('warning: No services to build\n');
      const build = {
        args: buildArgs(options.buildArg ?? []),
        noCache: !options.cache,
        pull: options.pull === true,
        ssh: options.ssh === undefined || options.ssh === '' ? [] : [options.ssh],
      };
      const built = plan.operations.flatMap((operation) => (operation.kind === 'build-image' ? [operation.service] : []));
      if (options.print === true) {
        const { bakeFile } = await import('./bake-file.ts');
        const named = services.length > 0 ? services : built;
        const bake = bakeFile(desired, [...new Set([...named, ...built])], { ...build, push: options.push === true });
        writeOut(`${JSON.stringify(bake, undefined, 2)}\n`);
        return;
      }
      await execute(session, await outOfTurn(session), plan, { desired, build, quiet: options.quiet === true });
      if (options.push !== true) return;
      await pushImages(session, desired.project, built, { quiet: options.quiet === true, ignoreFailures: false });
    });
}

/** What changes the result is refused, what does not is only told. */
function checkSupport({ builder, check, memory, provenance, sbom }: BuildOptions): void {
  const unsupported = (flag: string, why: string): MydockerError => new MydockerError('unsupported', `--${flag}: ${why}`);
  if (check === true) throw unsupported('check', 'there are no build checks');
  for (const [flag, mode] of Object.entries({ provenance, sbom }))
    if (mode !== undefined && mode !== 'false') throw unsupported(flag, 'no attestations are made');
  if (builder !== undefined && builder !== '' && builder !== 'default') warn(`--builder ${builder} has no effect: there is one builder`);
  if (memory !== undefined) warn('--memory has no effect: builds have no memory limit');
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
