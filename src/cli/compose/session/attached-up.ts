import type { Container, Runtime } from '../../../model/runtime.ts';
import { isOneOff, replicasOf, serviceNameOf } from '../../../plan/container-facts.ts';
import type { ApplyEvent } from '../../../apply/apply-plan.ts';
import type { Desired } from '../../../plan/desired.ts';
import { planKill, planStop } from '../../../plan/plan-containers.ts';
import type { UpRequest } from '../../../plan/up-request.ts';
import { reportError } from '../../report-error.ts';
import { AttachedOutput, type ContainerEnd, type OutputOptions } from './attached-output.ts';
import { execute } from './execute.ts';
import { inTurn } from './in-turn.ts';
import { colorFor } from './globals.ts';
import { listenForInterrupts, type Interrupts } from './interrupts.ts';
import { Menu } from './menu.ts';
import { projectContainers } from './observe.ts';
import { reconcile } from './reconcile.ts';
import type { Session } from './session.ts';
import { WatchSwitch } from './watch-switch.ts';

export interface AttachOptions extends OutputOptions {
  readonly adopt: boolean;
  readonly quietBuild: boolean;
  readonly quietPull: boolean;
  readonly renameFrom?: string;
  readonly abort: 'never' | 'on-exit' | 'on-failure';
  readonly exitCodeFrom?: string;
  readonly timeout?: number;
  /** Watches the sources until the signal comes; absent when there are no rules to watch by. */
  readonly watch?: (signal: AbortSignal) => Promise<void>;
  /** From the start; while it is on only an interrupt is the end. */
  readonly watchAtOnce: boolean;
  /** Shortcuts below the output. */
  readonly menu: boolean;
}

type Ending = { readonly kind: 'all-ended' | 'interrupted' | 'detached' } | { readonly kind: 'aborted'; readonly code: number };

/** `up` in the foreground: applies, shows the output, and takes the project down with itself. */
export async function attachedUp(session: Session, desired: Desired, request: UpRequest, options: AttachOptions): Promise<void> {
  const interrupt = listenForInterrupts();
  try {
    await new AttachedUp(session, await session.runtime(), desired, options, interrupt).run(request);
  } finally {
    interrupt.stop();
  }
}

class AttachedUp {
  readonly #ending = Promise.withResolvers<Ending>();
  readonly #watch: WatchSwitch | undefined;
  readonly #menu: Menu | undefined;
  #output: AttachedOutput | undefined;

  constructor(
    private readonly session: Session,
    private readonly runtime: Runtime,
    private readonly desired: Desired,
    private readonly options: AttachOptions,
    private readonly interrupt: Interrupts,
  ) {
    void interrupt.first.then(() => this.#ending.resolve({ kind: 'interrupted' }));
    if (options.watch !== undefined) this.#watch = new WatchSwitch(options.watch, reportError, () => this.#onWatchChange());
    if (options.menu) this.#menu = new Menu(this.#actions(), colorFor(session.globals, 1));
  }

  async run(request: UpRequest): Promise<void> {
    const output = new AttachedOutput(this.runtime, this.desired, request, this.options, {
      end: (end) => this.#onEnd(end),
      idle: () => this.#onIdle(),
    });
    this.#output = output;
    try {
      await this.#apply(request, output);
      if (this.session.globals.dryRun) return;
      if (!this.interrupt.happened()) await this.#attach(output);
      const ending = await this.#ending.promise;
      this.#menu?.close();
      await this.#watch?.off();
      await this.#finish(ending);
    } finally {
      this.#menu?.close();
      await output.end();
    }
  }

  async #apply(request: UpRequest, output: AttachedOutput): Promise<void> {
    const { adopt, quietBuild, quietPull, renameFrom } = this.options;
    const applied = new AbortController();
    void this.interrupt.first.then(() => applied.abort());
    const onEvent = ({ type, operation }: ApplyEvent): void => {
      if (type === 'done' && (operation.kind === 'start-container' || operation.kind === 'unpause-container'))
        void output.attachTo(operation.name);
    };
    const hookSaid = (id: string, said: string): void => void output.hookSaid(id, said);
    try {
      const rename = renameFrom === undefined ? {} : { renameFrom };
      await reconcile(this.session, this.desired, request, {
        adopt,
        ...rename,
        quietBuild,
        quietPull,
        signal: applied.signal,
        onEvent,
        hookSaid,
      });
    } catch (error) {
      if (!this.interrupt.happened()) throw error;
    }
  }

  async #attach(output: AttachedOutput): Promise<void> {
    await output.attachToAll();
    this.#menu?.open();
    if (this.options.watchAtOnce) this.#watch?.on();
  }

  #actions(): ConstructorParameters<typeof Menu>[0] {
    return {
      interrupt: () => this.interrupt.raise(),
      detach: () => this.#ending.resolve({ kind: 'detached' }),
      ...(this.#watch === undefined ? {} : { watch: this.#watch }),
    };
  }

  #onEnd({ code }: ContainerEnd): void {
    const { abort } = this.options;
    if (abort === 'on-exit' || (abort === 'on-failure' && code !== 0)) this.#ending.resolve({ kind: 'aborted', code });
  }

  #onIdle(): void {
    if (this.#watch?.isOn !== true) this.#ending.resolve({ kind: 'all-ended' });
  }

  #onWatchChange(): void {
    this.#menu?.redraw();
    if (this.#output?.isIdle === true) this.#onIdle();
  }

  async #finish(ending: Ending): Promise<void> {
    const { session, options } = this;
    if (ending.kind === 'interrupted' || ending.kind === 'aborted') await this.#stopAll(ending.kind);
    if (ending.kind === 'interrupted') session.exitStatus = 130;
    else if (ending.kind === 'aborted') session.exitStatus = ending.code;
    if (options.exitCodeFrom !== undefined && (ending.kind === 'aborted' || ending.kind === 'all-ended')) {
      const [first] = replicasOf(await projectContainers(this.runtime, this.desired.project.name), options.exitCodeFrom);
      session.exitStatus = first?.state.exitCode ?? 1;
    }
  }

  /** Gracefully, until a further interrupt asks for less patience. */
  async #stopAll(why: 'interrupted' | 'aborted'): Promise<void> {
    process.stderr.write(
      why === 'interrupted' ? 'Gracefully Stopping... press Ctrl+C again to force\n' : 'Aborting on container exit...\n',
    );
    const { project } = this.desired;
    const chosen = async (): Promise<readonly Container[]> =>
      (await projectContainers(this.runtime, project.name)).filter((one) => !isOneOff(one) && serviceNameOf(one) in project.services);
    await inTurn(this.session, { name: project.name, desired: this.desired }, async (turn) => {
      const selection = { projectName: project.name, containers: await chosen(), project };
      const stopping = execute(this.session, turn, planStop(selection, this.options.timeout), { plain: true });
      const killing = this.interrupt.second.then(async () => {
        await execute(this.session, turn, planKill({ ...selection, containers: await chosen() }, 'SIGKILL'), { plain: true });
        await stopping;
      });
      await Promise.race([stopping, killing]);
    });
  }
}
