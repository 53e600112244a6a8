import { MydockerError } from '../../../errors.ts';
import type { ApplyEvent } from '../../../apply/apply-plan.ts';
import type { Container, Runtime } from '../../../model/runtime.ts';
import { isAlive, isOneOff, replicasOf, serviceNameOf } from '../../../plan/container-facts.ts';
import type { Desired } from '../../../plan/desired.ts';
import { planKill, planStop } from '../../../plan/plan-containers.ts';
import { wantedScale, type UpRequest } from '../../../plan/up-request.ts';
import type { LogStyle } from '../../../ui/log-lines.ts';
import { execute } from './execute.ts';
import { logName, prefixWidth, printContainer } from './follow-logs.ts';
import { projectContainers } from './observe.ts';
import { reconcile } from './reconcile.ts';
import type { Session } from './session.ts';

export interface AttachOptions {
  readonly adopt: boolean;
  /** Services whose output is shown. */
  readonly shown: ReadonlySet<string>;
  /** Services whose end is watched for. */
  readonly watched: ReadonlySet<string>;
  readonly style: LogStyle;
  readonly abort: 'never' | 'on-exit' | 'on-failure';
  readonly exitCodeFrom?: string;
  readonly timeout?: number;
  /** Watches the sources meanwhile; then only an interrupt is the end. */
  readonly watch?: (signal: AbortSignal) => Promise<void>;
}

type Ending =
  | { readonly kind: 'all-ended' }
  | { readonly kind: 'interrupted' }
  | { readonly kind: 'aborted'; readonly code: number; readonly name: string };

/** `up` in the foreground: applies, shows the output, and takes the project down with itself. */
export async function attachedUp(session: Session, desired: Desired, request: UpRequest, options: AttachOptions): Promise<void> {
  const runtime = await session.runtime();
  const interrupt = listenForInterrupts();
  const output = new AttachedOutput(runtime, desired, request, options);
  try {
    const applied = new AbortController();
    void interrupt.first.then(() => {
      applied.abort();
    });
    const onEvent = ({ type, operation }: ApplyEvent): void => {
      if (type === 'done' && (operation.kind === 'start-container' || operation.kind === 'unpause-container'))
        output.follow(operation.name);
    };
    try {
      await reconcile(session, desired, request, { adopt: options.adopt, plain: true, signal: applied.signal, onEvent });
    } catch (error) {
      if (!interrupt.happened()) throw error;
    }
    if (session.globals.dryRun) return;
    if (!interrupt.happened()) await output.followTheRest();
    const watching = new AbortController();
    const watched = interrupt.happened() ? undefined : options.watch?.(watching.signal);
    const ending = interrupt.happened() ? { kind: 'interrupted' as const } : await firstEnding(output, options, interrupt.first);
    watching.abort();
    await watched;
    await finish(session, runtime, desired, options, ending, interrupt.second);
    await output.end();
  } finally {
    interrupt.stop();
  }
}

async function firstEnding(output: AttachedOutput, options: AttachOptions, interrupted: Promise<void>): Promise<Ending> {
  const all = output.ends.map(({ end }) => end);
  const aborting = output.ends.map(async ({ end, container }): Promise<Ending> => {
    const code = await end;
    const counts = options.abort === 'on-exit' || (options.abort === 'on-failure' && code !== 0);
    if (!counts) return new Promise<never>(() => undefined);
    return { kind: 'aborted', code, name: container.config.name };
  });
  return Promise.race([
    ...aborting,
    ...(options.watch === undefined ? [Promise.all(all).then((): Ending => ({ kind: 'all-ended' }))] : []),
    interrupted.then((): Ending => ({ kind: 'interrupted' })),
  ]);
}

async function finish(
  session: Session,
  runtime: Runtime,
  desired: Desired,
  options: AttachOptions,
  ending: Ending,
  killed: Promise<void>,
): Promise<void> {
  const { project } = desired;
  if (ending.kind !== 'all-ended') {
    process.stderr.write(
      ending.kind === 'interrupted' ? 'Gracefully Stopping... press Ctrl+C again to force\n' : 'Aborting on container exit...\n',
    );
    const containers = (await projectContainers(runtime, project.name)).filter(
      (container) => !isOneOff(container) && serviceNameOf(container) in project.services,
    );
    const selection = { projectName: project.name, containers, project };
    const stopping = execute(session, runtime, planStop(selection, options.timeout), { plain: true });
    await Promise.race([
      stopping,
      killed.then(async () => {
        await execute(session, runtime, planKill({ ...selection, containers: await projectContainers(runtime, project.name) }, 'SIGKILL'), {
          plain: true,
        });
        await stopping;
      }),
    ]);
  }
  if (ending.kind === 'interrupted') session.exitStatus = 130;
  else if (ending.kind === 'aborted') session.exitStatus = ending.code;
  if (options.exitCodeFrom !== undefined && ending.kind !== 'interrupted') {
    const [first] = replicasOf(await projectContainers(runtime, project.name), options.exitCodeFrom);
    session.exitStatus = first?.state.exitCode ?? 1;
  }
}

/** The output of the containers that are attached to, and when they end. */
class AttachedOutput {
  readonly ends: { readonly container: Container; readonly end: Promise<number> }[] = [];
  readonly #followed = new Set<string>();
  readonly #jobs: Promise<void>[] = [];
  readonly #width: number;
  readonly #abort = new AbortController();

  constructor(
    private readonly runtime: Runtime,
    private readonly desired: Desired,
    request: UpRequest,
    private readonly options: AttachOptions,
  ) {
    const names = Object.entries(desired.project.services).map(
      ([name, service]) => `${name}-${String(wantedScale(service, request.scale[name]))}`,
    );
    this.#width = prefixWidth(names);
  }

  /** A container that was just started: all it says from now on, and what it said since. */
  follow(name: string): void {
    this.#jobs.push(this.#followNamed(name));
  }

  async #followNamed(name: string): Promise<void> {
    if (this.#followed.has(name)) return;
    this.#followed.add(name);
    await this.#attach(await this.runtime.containers.get(name), true);
  }

  /** Containers that ran before. */
  async followTheRest(): Promise<void> {
    const containers = (await projectContainers(this.runtime, this.desired.project.name)).filter((one) => !isOneOff(one));
    const known = containers.filter((one) => this.#followed.has(one.config.name));
    const rest = containers.filter((one) => !this.#followed.has(one.config.name) && isAlive(one) && this.#concerns(one));
    for (const container of rest) this.#jobs.push(this.#attach(container, false));
    const names = [...known, ...rest]
      .filter((one) => this.options.shown.has(serviceNameOf(one)))
      .map(logName)
      .sort();
    if (names.length > 0) process.stdout.write(`Attaching to ${names.join(', ')}\n`);
  }

  #concerns(container: Container): boolean {
    return this.options.shown.has(serviceNameOf(container)) || this.options.watched.has(serviceNameOf(container));
  }

  async #attach(container: Container, fresh: boolean): Promise<void> {
    const service = serviceNameOf(container);
    const name = logName(container);
    if (this.options.watched.has(service)) {
      this.ends.push({ container, end: this.#endOf(container) });
    }
    if (!this.options.shown.has(service)) return;
    const startedAt = Date.parse(container.state.startedAt.replace(/(\.\d{3})\d*Z$/, '$1Z'));
    const since = fresh ? BigInt(Number.isNaN(startedAt) ? Date.now() : startedAt) * 1_000_000n : BigInt(Date.now()) * 1_000_000n;
    await printContainer(container, this.#indexOf(name), this.#width, {
      runtime: this.runtime,
      projectName: this.desired.project.name,
      style: this.options.style,
      follow: true,
      log: { since },
      write: (text, stream) => (stream === 'stderr' ? process.stderr : process.stdout).write(text),
      signal: this.#abort.signal,
    });
    const code = await this.#endOf(container);
    process.stdout.write(`${name} exited with code ${String(code)}\n`);
  }

  #indexOf(name: string): number {
    return Math.max(0, Object.keys(this.desired.project.services).indexOf(name.replace(/-\d+$/, '')));
  }

  async #endOf(container: Container): Promise<number> {
    try {
      return await this.runtime.containers.wait(container.config.id);
    } catch (error) {
      if (error instanceof MydockerError && error.code === 'not-found') return 0;
      throw error;
    }
  }

  /** Everything that is still to be said is said. */
  async end(): Promise<void> {
    const alive = (await projectContainers(this.runtime, this.desired.project.name)).some(
      (one) => isAlive(one) && this.options.watched.has(serviceNameOf(one)),
    );
    if (alive) this.#abort.abort();
    await Promise.all(this.#jobs);
  }
}

interface Interrupts {
  readonly first: Promise<undefined>;
  readonly second: Promise<undefined>;
  happened(): boolean;
  stop(): void;
}

function listenForInterrupts(): Interrupts {
  const first = Promise.withResolvers<undefined>();
  const second = Promise.withResolvers<undefined>();
  let count = 0;
  const onSignal = (): void => {
    (count++ === 0 ? first : second).resolve(undefined);
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  return {
    first: first.promise,
    second: second.promise,
    happened: () => count > 0,
    stop: () => {
      process.off('SIGINT', onSignal);
      process.off('SIGTERM', onSignal);
    },
  };
}
