import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { MydockerError } from '../../errors.ts';
import type { ContainerConfig } from '../../model/container.ts';
import type { ContainerState } from '../../model/container-state.ts';
import type {
  Container,
  ContainerDraft,
  ContainerMove,
  ContainerStore,
  ContainerUpdate,
  ExecOptions,
  ExecResult,
  LogEntry,
  LogOptions,
  StartOptions,
} from '../../model/runtime.ts';
import { LABELS } from '../../model/compose-labels.ts';
import { checkedSignal } from '../../model/signals.ts';
import { controlRequest, controlToEnd, NoSupervisorError } from '../core/control-client.ts';
import type { Session } from '../core/core.ts';
import type { Fields } from '../core/frame.ts';
import { CoreError, numberOf, type CoreLine } from '../core/reply.ts';
import { observeState, type ObservedState } from './read-state.ts';
import type { RemoveOptions } from './remove.ts';
import type { ContainerServices } from './services.ts';

/** The containers of this host's roots. References are resolved here; the operations work on full ids and are loaded when they are called. */
export class Containers implements ContainerStore {
  readonly #services: ContainerServices;
  #swept: Promise<void> | undefined;

  constructor(services: ContainerServices) {
    this.#services = services;
  }

  async get(reference: string): Promise<Container> {
    const id = this.#services.records.resolve(reference);
    const config = this.#services.records.read(id);
    const container = config === undefined ? undefined : await this.#observe(config);
    if (container === undefined) throw new MydockerError('not-found', `no such container: ${reference}`);
    return container;
  }

  async list(filter: { readonly labels?: readonly string[] } = {}): Promise<readonly Container[]> {
    const wanted = this.#services.records.readAll().filter((config) => hasLabels(config, filter.labels ?? []));
    const containers = await Promise.all(wanted.map((config) => this.#observe(config)));
    return containers.filter((container) => container !== undefined);
  }

  async create(draft: ContainerDraft): Promise<string> {
    const { createContainer } = await import('./create.ts');
    return createContainer(this.#services, draft);
  }

  async start(reference: string, options: StartOptions = {}): Promise<void> {
    await this.open(reference, options);
  }

  /** As `start`; with `attach` the session whose end tells the exit code. Undefined when it runs already. */
  async open(reference: string, options: StartOptions = {}): Promise<Session | undefined> {
    const { startContainer } = await import('./start.ts');
    return startContainer(this.#services, this.#id(reference), options);
  }

  async stop(reference: string, options: { readonly timeout?: number; readonly signal?: string } = {}): Promise<void> {
    const id = this.#id(reference);
    await this.#endWith(id, 'stop', [
      ...(options.signal === undefined ? [] : [['signal', String(checkedSignal(options.signal))] as const]),
      ...(options.timeout === undefined ? [] : [['timeout', milliseconds(options.timeout)] as const]),
    ]);
  }

  async restart(reference: string, options: { readonly timeout?: number; readonly owesHooks?: boolean } = {}): Promise<void> {
    const id = this.#id(reference);
    const owesHooks = options.owesHooks === true;
    const timeout: Fields = options.timeout === undefined ? [] : [['timeout', milliseconds(options.timeout)]];
    const config = this.#services.records.read(id);
    if (config !== undefined) await this.#services.networks.restore(config);
    try {
      if (owesHooks) await this.#oweHooks(id);
      await this.#control(id, 'restart', timeout);
    } catch (error) {
      if (!(error instanceof NoSupervisorError)) throw error;
      const { startContainer } = await import('./start.ts');
      await startContainer(this.#services, id, { owesHooks });
    }
  }

  async #oweHooks(id: string): Promise<void> {
    const paths = this.#services.records.paths(id);
    const { oweHooks } = await import('./start.ts');
    if (existsSync(paths.run)) oweHooks(paths);
  }

  hooksDone(reference: string): Promise<void> {
    return rm(this.#services.records.paths(this.#id(reference)).hooksOwed, { force: true });
  }

  async kill(reference: string, signal: string): Promise<void> {
    const id = this.#id(reference);
    await this.#running(id, 'kill', [['signal', String(checkedSignal(signal))]]);
  }

  async pause(reference: string): Promise<void> {
    await this.#running(this.#id(reference), 'pause');
  }

  async unpause(reference: string): Promise<void> {
    await this.#running(this.#id(reference), 'unpause');
  }

  async rename(reference: string, name: string): Promise<void> {
    const { renameContainer } = await import('./rename.ts');
    await renameContainer(this.#services, this.#id(reference), name);
  }

  async move(reference: string, move: ContainerMove): Promise<void> {
    const { moveContainer } = await import('./move.ts');
    await moveContainer(this.#services, this.#id(reference), move);
  }

  async update(reference: string, change: ContainerUpdate): Promise<void> {
    const { updateContainer } = await import('./update.ts');
    await updateContainer(this.#services, this.#id(reference), change);
  }

  async remove(reference: string, options: RemoveOptions = {}): Promise<void> {
    let id: string;
    try {
      id = this.#id(reference);
    } catch (error) {
      if (error instanceof MydockerError && error.code === 'not-found') return;
      throw error;
    }
    const { removeContainer } = await import('./remove.ts');
    await removeContainer(this.#services, id, options);
    await this.#sweepOnce();
  }

  /** Once a command, however many containers it removes: there may be as many others to look at. */
  #sweepOnce(): Promise<void> {
    return (this.#swept ??= this.removeLeftovers());
  }

  async removeLeftovers(): Promise<void> {
    const { removeLeftovers } = await import('./remove.ts');
    await removeLeftovers(this.#services);
  }

  /** `next`: at its next exit, even if it is restarted then. */
  async wait(reference: string, options: { readonly next?: boolean; readonly signal?: AbortSignal } = {}): Promise<number> {
    const id = this.#id(reference);
    try {
      const reply = await this.#control(id, 'wait', options.next === true ? [['next', '1']] : [], options.signal);
      return numberOf(reply, 'code');
    } catch (error) {
      if (!(error instanceof NoSupervisorError)) throw error;
      return (await this.#settle(id)).state.exitCode;
    }
  }

  /** This process's terminal on a running container; the session ends with the container or with the detach keys. */
  async attach(reference: string, options: NonNullable<StartOptions['attach']>): Promise<Session> {
    const { attachContainer } = await import('./attach.ts');
    return attachContainer(this.#services, this.#id(reference), options);
  }

  /** As `docker inspect` shows it. */
  async inspect(reference: string): Promise<Readonly<Record<string, unknown>>> {
    const container = await this.get(reference);
    const { inspectContainer } = await import('./inspect.ts');
    const volumes = new Map((await this.#services.volumes.list()).map((volume) => [volume.name, volume]));
    return inspectContainer(container, this.#services.records.paths(container.config.id), volumes);
  }

  /** Bytes of the write layer; 0 when the container is gone. */
  async sizeOf(reference: string): Promise<number> {
    try {
      const root = this.#services.records.paths(this.#id(reference)).data;
      const reply = await this.#services.context.core.request('stat_tree', [
        ['root', root],
        ['path', 'diff'],
      ]);
      return numberOf(reply, 'bytes');
    } catch (error) {
      const gone = error instanceof CoreError ? error.errno === 'ENOENT' : error instanceof MydockerError && error.code === 'not-found';
      if (gone) return 0;
      throw error;
    }
  }

  async exec(reference: string, options: ExecOptions): Promise<ExecResult> {
    const { execInContainer } = await import('./exec.ts');
    return execInContainer(this.#services, this.#id(reference), options);
  }

  logs(reference: string, options: LogOptions = {}): AsyncIterable<LogEntry> {
    const id = this.#id(reference);
    const config = this.#services.records.read(id);
    if (config?.log.driver === 'none') {
      throw new MydockerError('unsupported', `container ${config.name} keeps no log: its log driver is none`);
    }
    const path = this.#services.records.paths(id).log;
    return this.#readLogs(id, path, options);
  }

  async *#readLogs(id: string, path: string, options: LogOptions): AsyncGenerator<LogEntry> {
    const { readLogs } = await import('../logs/read-logs.ts');
    yield* readLogs(path, options, () => this.#state(id).state.supervisorPid > 0);
  }

  #id(reference: string): string {
    return this.#services.records.resolve(reference);
  }

  #state(id: string): ObservedState {
    return observeState(this.#services.records.paths(id), id);
  }

  #control(id: string, op: string, fields: Fields = [], signal?: AbortSignal): Promise<CoreLine> {
    return controlRequest(this.#services.records.paths(id).run, op, fields, signal);
  }

  /** For what needs a running container. */
  async #running(id: string, op: string, fields: Fields = []): Promise<void> {
    try {
      await this.#control(id, op, fields);
    } catch (error) {
      if (!(error instanceof NoSupervisorError)) throw error;
      await this.#settle(id);
      throw new MydockerError('state', `container ${this.#services.records.read(id)?.name ?? id} is not running`, { cause: error });
    }
  }

  /** For what ends a container: when it is not there, that is what was wanted. Returns when its supervisor has gone too. */
  async #endWith(id: string, op: string, fields: Fields): Promise<void> {
    const { settledState } = await import('./settled-state.ts');
    const { record } = await settledState(this.#services.context, this.#services.records.paths(id), id);
    try {
      await controlToEnd(this.#services.records.paths(id).run, op, fields);
    } catch (error) {
      if (!(error instanceof NoSupervisorError)) throw error;
    }
    if (record !== undefined) await (await import('./remove.ts')).untilGone(record.supervisor);
    await this.#settle(id);
  }

  /** The state of the container, after what a supervisor that died has left was cleared away. */
  async #settle(id: string): Promise<ObservedState> {
    const observed = this.#state(id);
    if (!observed.abandoned) return observed;
    const [{ withContainer }, { sweepAbandoned }] = await Promise.all([import('./start.ts'), import('./sweep.ts')]);
    await withContainer(this.#services, id, async (config) => {
      const { abandoned, record } = this.#state(id);
      if (abandoned && record !== undefined) await sweepAbandoned(this.#services, config, this.#services.records.paths(id), record);
    });
    return this.#state(id);
  }

  /** Its record is there but not what it wrote: somebody removed that by hand, and only a new container helps. */
  #isBroken(id: string, { status }: ContainerState): boolean {
    if (status !== 'exited') return false;
    const { config, data } = this.#services.records.paths(id);
    return !existsSync(join(data, 'diff')) && existsSync(config);
  }

  /** The container as it is now; undefined when it was to go at its end and has gone now. */
  async #observe(config: ContainerConfig): Promise<Container | undefined> {
    const { state, record } = await this.#settle(config.id);
    if (config.autoRemove && record !== undefined && state.status === 'exited' && !isAwaited(config, state)) {
      const { removeContainer } = await import('./remove.ts');
      await removeContainer(this.#services, config.id, { volumes: true });
      await this.#sweepOnce();
      return undefined;
    }
    const network = state.pid > 0 ? await this.#services.networks.observe(config.id) : { endpoints: [], ports: [] };
    return { config, state: this.#isBroken(config.id, state) ? { ...state, ...BROKEN } : state, network };
  }
}

const BROKEN = { status: 'dead', error: 'its write layer is gone' } as const;

const FOREGROUND_GRACE_MS = 2000;

/** Its foreground command may still want to read the exit code and remove it itself; Compose gives the task to detached ones alone. */
function isAwaited({ labels }: ContainerConfig, { finishedAt }: ContainerState): boolean {
  return labels[LABELS.oneoff] !== 'True' && Date.now() - Date.parse(finishedAt) < FOREGROUND_GRACE_MS;
}

function milliseconds(seconds: number): string {
  return seconds < 0 ? '-1' : String(Math.round(seconds * 1000));
}

function hasLabels({ labels }: ContainerConfig, wanted: readonly string[]): boolean {
  return wanted.every((text) => {
    const [key = '', ...value] = text.split('=');
    return value.length === 0 ? key in labels : labels[key] === value.join('=');
  });
}
