import { Option, type Command } from 'commander';
import { MydockerError } from '../../errors.ts';
import type { ApplyContext } from '../../apply/apply-context.ts';
import { LABELS } from '../../model/compose-labels.ts';
import type { Service } from '../../model/service.ts';
import { serviceOf, type Desired } from '../../plan/desired.ts';
import { startDependencies } from '../../plan/service-order.ts';
import { randomHex } from '../../util/random.ts';
import { isTerminal, writeOut } from '../../util/stdio.ts';
import { followSession } from '../mydocker/session.ts';
import { collect } from './session/globals.ts';
import { loadWithBases } from './session/load-desired.ts';
import { overrideService, type RunOverrides } from './session/one-off-service.ts';
import { inTurn } from './session/in-turn.ts';
import { reconcileInTurn } from './session/reconcile.ts';
import { warn, type ComposeRuntime, type Session } from './session/session.ts';
import { exclusive, quietParts, upRequest, type ReconcileOptions } from './session/up-options.ts';

interface RunOptions extends RunOverrides, ReconcileOptions {
  readonly detach?: boolean;
  readonly name?: string;
  readonly rm?: boolean;
  readonly tty?: boolean;
  readonly quiet?: boolean;
  readonly useAliases?: boolean;
}

export function defineRun(command: Command, session: Session): void {
  command
    .argument('<service>')
    .argument('[command...]')
    .passThroughOptions()
    .option('--build', 'Build image before starting container')
    .option('--cap-add <capability>', 'Add Linux capabilities', collect)
    .option('--cap-drop <capability>', 'Drop Linux capabilities', collect)
    .option('-d, --detach', 'Run container in background and print container ID')
    .option('--entrypoint <command>', 'Override the entrypoint of the image')
    .option('-e, --env <variable>', 'Set environment variables', collect)
    .option('--env-from-file <file>', 'Set environment variables from file', collect)
    .option('-i, --interactive', 'Keep STDIN open even if not attached', true)
    .option('--no-interactive')
    .option('-l, --label <label>', 'Add or override a label', collect)
    .option('--name <name>', 'Assign a name to the container')
    .option('-T, --no-TTY', 'Disable pseudo-TTY allocation; the default without a terminal')
    .option('-t, --tty', 'Allocate a pseudo-TTY')
    .option('--no-deps', "Don't start linked services")
    .option('-p, --publish <port>', "Publish a container's port(s) to the host", collect)
    .option('--pull <policy>', 'Pull image before running: always, missing, never')
    .option('-q, --quiet', "Don't print progress")
    .option('--quiet-build', 'Suppress progress output from the build process')
    .option('--quiet-pull', 'Pull without printing progress information')
    .option('--remove-orphans', 'Remove containers for services not defined in the Compose file')
    .option('--rm', 'Automatically remove the container when it exits')
    .option('-P, --service-ports', "Run command with all service's ports enabled and mapped to the host")
    .option('--use-aliases', "Use the service's network aliases in the network(s) the container connects to")
    .option('-u, --user <user>', 'Run as specified username or uid')
    .option('-v, --volume <volume>', 'Bind mount a volume', collect)
    .option('-w, --workdir <path>', 'Working directory inside the container')
    .addOption(new Option('--volumes <volume>').argParser(collect).hideHelp())
    .addOption(new Option('--labels <label>').argParser(collect).hideHelp())
    .addHelpText('after', '\nExample:\n  mydocker-compose run --rm web sh -c "env"')
    .action((service: string, args: readonly string[], options: RunOptions) => runOneOff(session, service, args, options));
}

async function runOneOff(session: Session, name: string, args: readonly string[], options: RunOptions): Promise<void> {
  if (options.servicePorts === true && (options.publish ?? []).length > 0) throw exclusive('--service-ports', '--publish');
  if (options.tty !== undefined && options.TTY === false) throw exclusive('--tty', '--no-TTY');
  const desired = await loadWithBases(session.globals, [name]);
  const service = serviceOf(desired.project, name);
  const tty = options.detach !== true && options.TTY !== false && isTerminal(0) && isTerminal(1);
  const overridden = await overrideService(service, args, options, tty, desired); // refuses wrong flags before anything is done
  const request = {
    ...upRequest([], options),
    recreate: 'never' as const,
    recreateDependencies: 'diverged' as const,
    oneOff: name,
    ignoreOrphans: true,
  };
  const opened = await inTurn(session, { name: desired.project.name, desired }, async (turn) => {
    await reconcileInTurn(session, turn, desired, request, { adopt: false, quiet: options.quiet === true, ...quietParts(options) });
    return session.globals.dryRun ? undefined : startOneOff(turn.runtime, desired, service, { name, options, ...overridden });
  });
  if (opened === undefined) return;
  const runtime = await session.runtime();
  const { id, attached } = opened;
  if (attached === undefined) {
    writeOut(`${id}\n`);
    return;
  }
  let detached = false;
  try {
    const end = await followSession(runtime, attached);
    detached = end.detached;
    session.exitStatus = end.code;
  } finally {
    if (options.rm === true && !detached) await runtime.containers.remove(id, { force: true, volumes: true });
  }
}

interface OneOffWish {
  readonly name: string;
  readonly options: RunOptions;
  /** The service with what the flags say, and the volumes that came with them. */
  readonly service: Service;
  readonly volumes: Desired['project']['volumes'];
}

/** Makes and starts the container; `attached` is absent with --detach. */
async function startOneOff(
  runtime: ComposeRuntime,
  desired: Desired,
  declared: Service,
  { name, options, service, volumes }: OneOffWish,
): Promise<{ readonly id: string; readonly attached?: Awaited<ReturnType<ComposeRuntime['containers']['open']>> }> {
  const { draftFor } = await import('../../apply/draft-for.ts');
  const context = { runtime, projectName: desired.project.name, desired, made: new Map<string, string>(), warn };
  if (options.deps !== false) await waitForDependencies(context, startDependencies(declared));

  const slug = randomHex(6);
  const detach = options.detach === true;
  const project = { ...desired.project, volumes: { ...desired.project.volumes, ...volumes } };
  const draft = await draftFor(
    { ...context, desired: { ...desired, project } },
    {
      service: name,
      number: 1,
      name: options.name ?? [desired.project.name, name, 'run', slug].join(desired.project.separator ?? '-'),
      override: service,
      oneOff: options.useAliases !== true,
    },
  );
  const { [LABELS.containerNumber]: _, ...labels } = draft.labels;
  const id = await runtime.containers.create({
    ...draft,
    labels: { ...labels, [LABELS.oneoff]: 'True', [LABELS.slug]: slug },
    process: { ...draft.process, stdinOnce: !detach && options.interactive },
    restart: { name: 'no', maximumRetryCount: 0 },
    autoRemove: options.rm === true && detach,
  });
  try {
    if (!detach) {
      const attach = { stdin: options.interactive, stdout: true, stderr: true, sigProxy: true };
      return { id, attached: await runtime.containers.open(id, { attach }) };
    }
    await runtime.containers.start(id);
    return { id };
  } catch (error) {
    if (options.rm === true) await runtime.containers.remove(id, { force: true, volumes: true });
    throw error;
  }
}

async function waitForDependencies(context: ApplyContext, dependencies: ReturnType<typeof startDependencies>): Promise<void> {
  const { waitForService } = await import('../../apply/wait-for-service.ts');
  await Promise.all(
    Object.entries(dependencies).map(async ([service, { condition, required }]) => {
      try {
        await waitForService(context, { service, condition });
      } catch (error) {
        if (required || !(error instanceof MydockerError)) throw error;
        warn(`optional dependency: ${error.message}`);
      }
    }),
  );
}
