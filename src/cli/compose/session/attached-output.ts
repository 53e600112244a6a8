import { MydockerError } from '../../../errors.ts';
import { LABELS } from '../../../model/compose-labels.ts';
import type { Container, LogEntry, Runtime } from '../../../model/runtime.ts';
import { isAlive, isOneOff, keepsLog, serviceNameOf } from '../../../plan/container-facts.ts';
import type { Desired } from '../../../plan/desired.ts';
import { wantedScale, type UpRequest } from '../../../plan/up-request.ts';
import { nanosecondsOf } from '../../../util/nanoseconds-of.ts';
import { LogLines, logPrefix, type LogStyle } from '../../../ui/log-lines.ts';
import { logName, prefixWidth } from './log-name.ts';
import { containerIfThere, projectContainers } from './observe.ts';
import { RestartTeller } from './restart-teller.ts';
import { successor } from './successor.ts';

export interface OutputOptions {
  /** Services whose output is shown. */
  readonly shown: ReadonlySet<string>;
  /** Services whose end is watched for. */
  readonly watched: ReadonlySet<string>;
  readonly style: LogStyle;
}

/** A container has ended and does not come back. */
export interface ContainerEnd {
  readonly container: Container;
  readonly code: number;
}

/** The output of the containers that are attached to, those that come later too, and when they end. */
export class AttachedOutput {
  readonly #attached = new Map<string, Promise<void>>();
  /** By id, when the newest run began that was attached to: what tells of it later is no news. */
  readonly #runs = new Map<string, string>();
  readonly #width: number;
  readonly #abort = new AbortController();
  #watching = 0;
  #complete = false;
  readonly #following: Promise<void>;

  /** `onEnd` is told of the ends of watched containers, `onIdle` that none of them is left. */
  constructor(
    private readonly runtime: Runtime,
    private readonly desired: Desired,
    request: UpRequest,
    private readonly options: OutputOptions,
    private readonly on: { readonly end: (end: ContainerEnd) => void; readonly idle: () => void },
  ) {
    const names = Object.entries(desired.project.services).map(
      ([name, service]) => service.container_name ?? `${name}-${String(wantedScale(service, request.scale[name]))}`,
    );
    this.#width = prefixWidth(names);
    this.#following = this.#followEvents();
  }

  /** Attaches to containers that ran before, and says to whom we are attached. */
  async attachToAll(): Promise<void> {
    const containers = (await projectContainers(this.runtime, this.desired.project.name)).filter((one) => !isOneOff(one));
    for (const container of containers.filter(isAlive)) this.#attach(container, BigInt(Date.now()) * 1_000_000n);
    const names = containers
      .filter((one) => this.#runs.has(one.config.id) && this.options.shown.has(serviceNameOf(one)))
      .map(logName)
      .sort();
    if (names.length > 0) process.stdout.write(`Attaching to ${names.join(', ')}\n`);
    this.#complete = true;
    this.#checkIdle();
  }

  #checkIdle(): void {
    if (this.isIdle) this.on.idle();
  }

  /** None of the watched containers is left. */
  get isIdle(): boolean {
    return this.#complete && this.#watching === 0;
  }

  /** A container that was just started: all it says from now on, and what it said since. */
  async attachTo(name: string): Promise<void> {
    const container = await containerIfThere(this.runtime, name);
    if (container === undefined) return;
    const startedAt = container.state.startedAt;
    this.#attach(container, startedAt === '' ? BigInt(Date.now()) * 1_000_000n : nanosecondsOf(startedAt));
  }

  #attach(container: Container, since: bigint): void {
    const service = serviceNameOf(container);
    const { id } = container.config;
    const { shown, watched } = this.options;
    if (this.#attached.has(id) || isOneOff(container) || !(shown.has(service) || watched.has(service))) return;
    if (this.#runs.get(id) === container.state.startedAt) return;
    this.#runs.set(id, container.state.startedAt);
    this.#attached.set(id, this.#follow(container, since));
  }

  async #follow(container: Container, since: bigint): Promise<void> {
    const service = serviceNameOf(container);
    const [isShown, isWatched] = [this.options.shown.has(service), this.options.watched.has(service)];
    if (isWatched) this.#watching++;
    const said = isShown && keepsLog(container) ? this.#print(container, since) : Promise.resolve();
    const code = await this.#endOf(container);
    await said;
    if (code === undefined) return;
    if (isShown) process.stdout.write(`${logName(container)} exited with code ${String(code)}\n`);
    if (isWatched) await this.#ended(container, code);
  }

  /** The end is final only if nothing takes the container's place: another command may be recreating it. */
  async #ended(container: Container, code: number): Promise<void> {
    this.on.end({ container, code });
    const ended = await containerIfThere(this.runtime, container.config.id);
    if (ended !== undefined && !isAlive(ended)) this.#runs.set(ended.config.id, ended.state.startedAt);
    const next = await successor(this.runtime, container);
    this.#attached.delete(container.config.id);
    if (next !== undefined) await this.attachTo(next.config.id);
    this.#watching--;
    this.#checkIdle();
  }

  async #print(container: Container, since: bigint): Promise<void> {
    const lines = this.#lines(container, logName(container));
    const entries = this.runtime.containers.logs(container.config.id, { follow: true, since, signal: this.#abort.signal });
    for await (const entry of entries) lines.push(entry);
    lines.end();
  }

  /** What a `post_start` hook has said. */
  async hookSaid(id: string, output: string): Promise<void> {
    const container = output === '' ? undefined : await containerIfThere(this.runtime, id);
    if (container === undefined || !this.options.shown.has(serviceNameOf(container))) return;
    const lines = this.#lines(container, `${logName(container)} -> `);
    for (const text of output.split(/(?<=\n)/)) lines.push({ stream: 'stdout', time: new Date().toISOString(), text });
    lines.end();
  }

  #lines(container: Container, name: string): LogLines {
    const index = Math.max(0, Object.keys(this.desired.project.services).indexOf(serviceNameOf(container)));
    const prefix = logPrefix(name, index, this.#width, this.options.style);
    const write = (text: string, stream: LogEntry['stream']): boolean =>
      (stream === 'stderr' ? process.stderr : process.stdout).write(text);
    return new LogLines(() => prefix, this.options.style, write);
  }

  /** What the log does not tell: containers that others start, and ends after which a container is started again. */
  async #followEvents(): Promise<void> {
    const restarts = new RestartTeller(this.runtime, (container, code) => {
      if (this.#attached.has(container.config.id) && this.options.shown.has(serviceNameOf(container)))
        process.stdout.write(`${logName(container)} exited with code ${code} (restarting)\n`);
    });
    for await (const event of this.runtime.events.read({ signal: this.#abort.signal })) {
      if (event.type !== 'container' || event.attributes[LABELS.project] !== this.desired.project.name) continue;
      await restarts.onEvent(event);
      if (event.action === 'start') await this.attachTo(event.id);
    }
  }

  /** Undefined when it is left running. */
  async #endOf(container: Container): Promise<number | undefined> {
    const { signal } = this.#abort;
    try {
      return await this.runtime.containers.wait(container.config.id, { signal });
    } catch (error) {
      if (signal.aborted) return undefined;
      if (error instanceof MydockerError && error.code === 'not-found') return container.state.exitCode;
      throw error;
    }
  }

  /** Leaves those that still run, having printed all that the others had to say. */
  async end(): Promise<void> {
    const containers = await projectContainers(this.runtime, this.desired.project.name);
    const running = containers.filter(isAlive).map(({ config }) => config.id);
    await Promise.all([...this.#attached].filter(([id]) => !running.includes(id)).map(([, job]) => job));
    this.#abort.abort();
    await Promise.all([...this.#attached.values(), this.#following]);
  }
}
