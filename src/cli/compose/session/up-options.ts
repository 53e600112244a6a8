import { Option, type Command } from 'commander';
import { MydockerError } from '../../../errors.ts';
import { PLAIN_UP, type UpRequest } from '../../../plan/up-request.ts';
import { truthy } from '../../../util/truthy.ts';
import { scaleValue, wholeNumber } from './values.ts';

/** Flags that `up`, `create` and `plan` share. */
export interface ReconcileOptions {
  readonly alwaysRecreateDeps?: boolean;
  /** true for --build, false for --no-build. */
  readonly build?: boolean;
  readonly deps?: boolean;
  readonly forceRecreate?: boolean;
  /** false for --no-recreate. */
  readonly recreate?: boolean;
  readonly pull?: string;
  readonly removeOrphans?: boolean;
  readonly renewAnonVolumes?: boolean;
  readonly scale?: Readonly<Record<string, number>>;
  readonly timeout?: number;
  readonly quietBuild?: boolean;
  readonly quietPull?: boolean;
  /** Take over a project of the same name that was made from other files. */
  readonly adopt?: boolean;
  /** Another project's name, of which everything is carried over first. */
  readonly renameFrom?: string;
}

export function defineReconcileOptions(command: Command): void {
  command
    .option('--build', 'Build images before starting containers')
    .option('--no-build', "Don't build an image, even if it's policy")
    .hook('preAction', refuseBuildAndNoBuild(command))
    .option('--force-recreate', "Recreate containers even if their configuration and image haven't changed")
    .addOption(new Option('--no-recreate', "If containers already exist, don't recreate them"))
    .option('--pull <policy>', 'Pull image before running: always, missing, never')
    .option('--quiet-pull', 'Pull without printing progress information')
    .option('--quiet-build', 'Suppress the build output')
    .option('--remove-orphans', 'Remove containers for services not defined in the Compose file')
    .option('--scale <service=num>', 'Scale SERVICE to NUM instances, whatever the file says (repeatable)', scaleValue)
    .option('-y, --yes', 'Assume "yes" as answer to all prompts')
    .option('--adopt', 'Take over a project of this name that was made from another directory');
}

/** commander has one value for the two of them: only the events tell that both were given. */
function refuseBuildAndNoBuild(command: Command): () => void {
  const given = new Set<string>();
  for (const name of ['build', 'no-build']) {
    command.on(`option:${name}`, () => {
      given.add(name);
    });
  }
  return () => {
    if (given.size === 2) throw exclusive('--build', '--no-build');
  };
}

export function defineUpOnlyOptions(command: Command): void {
  command
    .option('--always-recreate-deps', 'Recreate dependent containers')
    .option('--no-deps', "Don't start linked services")
    .option('-V, --renew-anon-volumes', 'Recreate anonymous volumes instead of retrieving data from the previous containers')
    .option('--rename-from <project>', 'Carry the containers, volumes and networks of that project over to this name first')
    .option('-t, --timeout <seconds>', 'Use this timeout in seconds for container shutdown', wholeNumber);
}

export function upRequest(services: readonly string[], options: ReconcileOptions): UpRequest {
  const neverRecreate = options.recreate === false;
  if (neverRecreate && options.forceRecreate === true) throw exclusive('--force-recreate', '--no-recreate');
  if (neverRecreate && options.alwaysRecreateDeps === true) throw exclusive('--always-recreate-deps', '--no-recreate');
  if (neverRecreate && options.renewAnonVolumes === true) throw exclusive('--renew-anon-volumes', '--no-recreate');
  const removeOrphans = options.removeOrphans === true || truthy(process.env['COMPOSE_REMOVE_ORPHANS']);
  const ignoreOrphans = truthy(process.env['COMPOSE_IGNORE_ORPHANS']);
  if (removeOrphans && ignoreOrphans) throw exclusive('--remove-orphans', 'COMPOSE_IGNORE_ORPHANS');
  // Volumes can only be renewed with their containers, so this makes them all anew, as in Docker Compose.
  const force = options.forceRecreate === true || options.renewAnonVolumes === true;
  const recreate = neverRecreate ? 'never' : force ? 'force' : 'diverged';
  return {
    ...PLAIN_UP,
    services,
    noDeps: options.deps === false,
    recreate,
    recreateDependencies: neverRecreate
      ? 'never'
      : options.alwaysRecreateDeps === true
        ? 'force'
        : recreate === 'force' && services.length === 0
          ? 'force'
          : 'diverged',
    renewAnonymousVolumes: options.renewAnonVolumes === true,
    removeOrphans,
    ignoreOrphans,
    scale: options.scale ?? {},
    build: options.build === true ? 'always' : options.build === false ? 'never' : 'missing',
    ...(options.timeout === undefined ? {} : { timeout: options.timeout }),
    ...(options.pull === undefined || options.pull === 'policy' ? {} : { pull: pullPolicy(options.pull) }),
  };
}

function pullPolicy(text: string): string {
  if (['always', 'missing', 'never', 'build', 'if_not_present'].includes(text)) return text;
  throw new MydockerError('usage', `invalid --pull option "${text}"`, { hint: 'use always, missing or never' });
}

/** Which parts of the progress are not to be shown. */
export function quietParts({ quietBuild = false, quietPull = false }: ReconcileOptions): {
  readonly quietBuild: boolean;
  readonly quietPull: boolean;
} {
  return { quietBuild, quietPull };
}

export function exclusive(one: string, other: string): MydockerError {
  return new MydockerError('usage', `${one} and ${other} are incompatible`);
}
