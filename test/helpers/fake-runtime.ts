import { MydockerError } from '../../src/errors.ts';
import type { ContainerConfig } from '../../src/model/container.ts';
import type { ContainerState } from '../../src/model/container-state.ts';
import type {
  Container,
  ContainerDraft,
  ContainerStore,
  ExecOptions,
  Image,
  LogEntry,
  NetworkRecord,
  ProjectRecord,
  Runtime,
  RuntimeEvent,
  VolumeRecord,
} from '../../src/model/runtime.ts';

const TIME = '2026-01-01T00:00:00.000000000Z';

export interface FakeOptions {
  /** Exit codes of containers that end at once, by container name; others keep running. */
  readonly exits?: Readonly<Record<string, number>>;
  /** Health right after the start, by container name; `healthy` unless said. */
  readonly health?: Readonly<Record<string, 'starting' | 'healthy' | 'unhealthy'>>;
  /** Operations that fail, as they appear in the journal. */
  readonly failures?: Readonly<Record<string, string>>;
}

/** A runtime in memory that notes every change in `journal`. */
export class FakeRuntime implements Runtime {
  readonly journal: string[] = [];
  readonly #containers = new Map<string, Container>();
  readonly #volumes = new Map<string, VolumeRecord>();
  readonly #networks = new Map<string, NetworkRecord>();
  readonly #images = new Map<string, Image>();
  readonly #projects = new Map<string, ProjectRecord>();
  readonly #locks = new Map<string, Promise<undefined>>();
  readonly #options: FakeOptions;
  #count = 0;

  constructor(options: FakeOptions = {}) {
    this.#options = options;
    this.addImage('busybox');
  }

  addImage(reference: string, config: Partial<Image['config']> = {}, namedAt?: string): Image {
    const image = { ...fakeImage(reference, String(++this.#count), config), ...(namedAt === undefined ? {} : { namedAt }) };
    this.#images.set(reference, image);
    return image;
  }

  warnings = (): readonly string[] => [];
  close = (): Promise<void> => Promise.resolve();

  readonly images: Runtime['images'] = {
    get: (reference) => Promise.resolve(this.#images.get(reference) ?? [...this.#images.values()].find(({ id }) => id === reference)),
    list: () => Promise.resolve([...this.#images.values()]),
    tag: () => Promise.resolve(),
    pull: (reference) => Promise.reject(new MydockerError('not-found', `no such image: ${reference}`)),
    remove: (reference) => {
      this.#note(`remove image ${reference}`);
      this.#images.delete(reference);
      return Promise.resolve([]);
    },
  };

  readonly containers: ContainerStore = {
    get: (reference) => Promise.resolve().then(() => this.#find(reference)),
    list: (filter) => {
      const wanted = filter?.labels ?? [];
      const all = [...this.#containers.values()];
      return Promise.resolve(all.filter(({ config }) => wanted.every((label) => hasLabel(config, label))));
    },
    create: (draft) => Promise.resolve().then(() => this.#create(draft)),
    start: async (id, options) => {
      const { config, state } = this.#find(id);
      if (state.status === 'paused') throw new MydockerError('state', `container ${config.name} is paused`);
      const missing = config.network.endpoints.find(({ network }) => !this.#networks.has(network));
      if (missing !== undefined) throw new MydockerError('not-found', `no such network: ${missing.network}`);
      this.#note(`start ${config.name}`);
      await Promise.resolve();
      const code = this.#options.exits?.[config.name];
      const health = config.healthcheck === undefined ? undefined : (this.#options.health?.[config.name] ?? 'healthy');
      this.#setState(id, {
        status: code === undefined ? 'running' : 'exited',
        exitCode: code ?? 0,
        startedAt: TIME,
        ...(options?.owesHooks === true ? { hooksOwed: true as const } : {}),
        ...(health === undefined ? {} : { health: { status: health, failingStreak: 0, log: [] } }),
      });
    },
    stop: (id, options) => this.#change(id, `stop`, 'exited', options?.timeout === undefined ? '' : ` -t ${String(options.timeout)}`),
    restart: async (id) => {
      await this.#change(id, 'restart', 'running');
      const { config } = this.#find(id);
      const status = this.#options.health?.[config.name] ?? 'healthy';
      if (config.healthcheck !== undefined) this.#setState(id, { health: { status, failingStreak: 0, log: [] } });
    },
    removeLeftovers: () => Promise.resolve(),
    hooksDone: (id) => {
      const { hooksOwed: _done, ...state } = this.#find(id).state;
      this.#containers.set(id, { ...this.#find(id), state });
      return Promise.resolve();
    },
    kill: (id, signal) => this.#change(id, 'kill', 'exited', ` ${signal}`),
    pause: (id) => this.#change(id, 'pause', 'paused'),
    unpause: (id) => this.#change(id, 'unpause', 'running'),
    rename: (id, name) => {
      const { config, ...rest } = this.#find(id);
      this.#note(`rename ${config.name} ${name}`);
      this.#containers.set(id, { ...rest, config: { ...config, name } });
      return Promise.resolve();
    },
    move: (id, move) => {
      const { config, ...rest } = this.#find(id);
      this.#note(`move ${config.name} ${move.name}`);
      this.#containers.set(config.id, { ...rest, config: { ...config, ...move } });
      return Promise.resolve();
    },
    update: (id, { resources, restart, labels }) => {
      const { config, ...rest } = this.#find(id);
      this.#note(`update ${config.name}`);
      this.#containers.set(id, {
        ...rest,
        config: {
          ...config,
          resources: resources ?? config.resources,
          restart: restart ?? config.restart,
          labels: labels ?? config.labels,
        },
      });
      return Promise.resolve();
    },
    remove: (id, options) => Promise.resolve().then(() => this.#remove(id, options)),
    wait: (id) => Promise.resolve(this.#find(id).state.exitCode),
    exec: (id, { args }: ExecOptions) => {
      this.#note(`exec ${this.#find(id).config.name}: ${args.join(' ')}`);
      return Promise.resolve({ exitCode: 0, stdout: new Uint8Array(), stderr: new Uint8Array() });
    },
    logs: () => noLogs(),
  };

  build: Runtime['build'] = ({ tags }) => {
    this.#note(`build ${tags.join(', ')}`);
    const [first = 'built'] = tags;
    return Promise.resolve({ id: this.addImage(first).id, tags });
  };

  readonly volumes: Runtime['volumes'] = {
    trashed: () => [],
    get: (name) => Promise.resolve(this.#volumes.get(name)),
    list: () => Promise.resolve([...this.#volumes.values()]),
    create: ({ name = `anonymous-${String(++this.#count)}`, driver, driverOpts, labels, anonymous }) => {
      const found = this.#volumes.get(name);
      if (found !== undefined) return Promise.resolve(found);
      this.#note(`create volume ${name}`);
      const volume: VolumeRecord = {
        name,
        driver: driver ?? 'local',
        driverOpts: driverOpts ?? {},
        labels: labels ?? {},
        created: TIME,
        mountpoint: `/volumes/${name}/_data`,
        anonymous: anonymous ?? false,
      };
      this.#volumes.set(name, volume);
      return Promise.resolve(volume);
    },
    rename: (name, newName, labels) => {
      this.#note(`rename volume ${name} ${newName}`);
      const volume = this.#volumes.get(name);
      if (volume === undefined) throw new MydockerError('not-found', `no such volume: ${name}`);
      this.#volumes.delete(name);
      this.#volumes.set(newName, { ...volume, name: newName, labels });
      return Promise.resolve();
    },
    remove: (name, options) => Promise.resolve().then(() => this.#removeVolume(name, options?.force ?? false)),
  };

  readonly networks: Runtime['networks'] = {
    get: (name) => Promise.resolve(this.#networks.get(name)),
    list: () => Promise.resolve([...this.#networks.values()]),
    create: (draft) => {
      this.#note(`create network ${draft.name}`);
      const network: NetworkRecord = {
        id: this.#newId(),
        name: draft.name,
        driver: 'bridge',
        driverOpts: {},
        labels: draft.labels ?? {},
        internal: draft.internal ?? false,
        attachable: false,
        enableIpv4: true,
        enableIpv6: false,
        ipam: [],
        created: TIME,
      };
      this.#networks.set(draft.name, network);
      return Promise.resolve(network);
    },
    rename: (name, newName, labels) => {
      this.#note(`rename network ${name} ${newName}`);
      const network = this.#networks.get(name);
      if (network === undefined) throw new MydockerError('not-found', `no such network: ${name}`);
      this.#networks.delete(name);
      this.#networks.set(newName, { ...network, name: newName, labels });
      return Promise.resolve();
    },
    remove: (name) => {
      const users = [...this.#containers.values()].filter(
        ({ config, state }) =>
          ['running', 'paused', 'restarting'].includes(state.status) && config.network.endpoints.some(({ network }) => network === name),
      );
      if (users.length > 0) return Promise.reject(new MydockerError('conflict', `network ${name} is in use`));
      this.#note(`remove network ${name}`);
      this.#networks.delete(name);
      return Promise.resolve();
    },
    connect: () => Promise.resolve(),
    disconnect: () => Promise.resolve(),
    updateEndpoint: (network, id, change) => {
      const { config } = this.#find(id);
      this.#note(`names ${config.name} on ${network}`);
      const endpoints = config.network.endpoints.map((endpoint) => (endpoint.network === network ? { ...endpoint, ...change } : endpoint));
      return this.#changeNetwork(id, { ...config.network, endpoints });
    },
    publish: (id, ports) => {
      const { config } = this.#find(id);
      this.#note(`publish ${config.name}`);
      return this.#changeNetwork(id, { ...config.network, ports });
    },
  };

  readonly events: Runtime['events'] = { read: () => noEvents() };

  readonly projects: Runtime['projects'] = {
    get: (name) => Promise.resolve(this.#projects.get(name)),
    list: () => Promise.resolve([...this.#projects.values()]),
    put: (record) => {
      this.#projects.set(record.name, record);
      return Promise.resolve();
    },
    remove: (name) => {
      this.#projects.delete(name);
      return Promise.resolve();
    },
    lock: async (name) => {
      const turn = Promise.withResolvers<undefined>();
      const before = this.#locks.get(name);
      this.#locks.set(name, turn.promise);
      await before;
      return () => {
        turn.resolve(undefined);
      };
    },
  };

  /** A state that nobody asked for: killed by hand, turned unhealthy. */
  disturb(name: string, state: Partial<ContainerState>): void {
    this.#setState(this.#find(name).config.id, state);
  }

  #note(text: string): void {
    const failure = this.#options.failures?.[text];
    this.journal.push(failure === undefined ? text : `${text} fails`);
    if (failure !== undefined) throw new MydockerError('runtime', failure);
  }

  #newId(): string {
    return String(++this.#count).padStart(64, '0');
  }

  #changeNetwork(id: string, network: ContainerConfig['network']): Promise<void> {
    const { config, ...rest } = this.#find(id);
    this.#containers.set(config.id, { ...rest, config: { ...config, network } });
    return Promise.resolve();
  }

  #find(reference: string): Container {
    const found = this.#containers.get(reference) ?? [...this.#containers.values()].find(({ config }) => config.name === reference);
    if (found === undefined) throw new MydockerError('not-found', `no such container: ${reference}`);
    return found;
  }

  #create(draft: ContainerDraft): string {
    this.#note(`create ${draft.name}`);
    if ([...this.#containers.values()].some(({ config }) => config.name === draft.name)) {
      throw new MydockerError('conflict', `the container name ${draft.name} is already in use`);
    }
    const id = this.#newId();
    const mounts = draft.mounts.map((mount) =>
      mount.type === 'volume' && mount.volume === '' ? { ...mount, volume: `anonymous-${String(++this.#count)}` } : mount,
    );
    for (const mount of mounts)
      if (mount.type === 'volume' && !this.#volumes.has(mount.volume)) this.#addVolume(mount.volume, mount.anonymous);
    const config: ContainerConfig = { ...draft, version: 1, id, created: TIME, mounts };
    this.#containers.set(id, { config, state: CREATED, network: { endpoints: [], ports: [] } });
    return id;
  }

  #addVolume(name: string, anonymous: boolean): void {
    const mountpoint = `/volumes/${name}/_data`;
    this.#volumes.set(name, { name, driver: 'local', driverOpts: {}, labels: {}, created: TIME, mountpoint, anonymous });
  }

  #remove(id: string, options: { readonly force?: boolean; readonly volumes?: boolean } = {}): void {
    const container = this.#containers.get(id) ?? [...this.#containers.values()].find(({ config }) => config.name === id);
    if (container === undefined) return;
    const { config, state } = container;
    if (options.force !== true && ['running', 'paused', 'restarting'].includes(state.status)) {
      throw new MydockerError('conflict', `cannot remove container ${config.name}: it is ${state.status}`);
    }
    this.#note(`remove ${config.name}${options.volumes === true ? ' with volumes' : ''}`);
    this.#containers.delete(config.id);
    if (options.volumes !== true) return;
    for (const mount of config.mounts) if (mount.type === 'volume' && mount.anonymous) this.#volumes.delete(mount.volume);
  }

  #removeVolume(name: string, force: boolean): void {
    if (!this.#volumes.has(name)) {
      if (force) return;
      throw new MydockerError('not-found', `no such volume: ${name}`);
    }
    if (
      [...this.#containers.values()].some(({ config }) => config.mounts.some((mount) => mount.type === 'volume' && mount.volume === name))
    ) {
      throw new MydockerError('conflict', `volume ${name} is in use`);
    }
    this.#note(`remove volume ${name}`);
    this.#volumes.delete(name);
  }

  #setState(id: string, change: Partial<ContainerState>): void {
    const container = this.#find(id);
    this.#containers.set(container.config.id, { ...container, state: { ...container.state, ...change } });
  }

  async #change(id: string, verb: string, status: ContainerState['status'], tail = ''): Promise<void> {
    this.#note(`${verb} ${this.#find(id).config.name}${tail}`);
    await Promise.resolve();
    this.#setState(id, { status, exitCode: status === 'exited' ? 137 : 0 });
  }
}

const CREATED: ContainerState = {
  status: 'created',
  pid: 0,
  supervisorPid: 0,
  exitCode: 0,
  oomKilled: false,
  error: '',
  startedAt: '',
  finishedAt: '',
  restartCount: 0,
  stoppedByUser: false,
};

export function fakeImage(reference: string, seed: string, config: Partial<Image['config']> = {}): Image {
  return {
    id: `sha256:${seed.padStart(64, '0')}`,
    tags: [reference],
    digests: [],
    created: TIME,
    architecture: 'amd64',
    os: 'linux',
    size: 1,
    layers: [],
    config: {
      env: ['PATH=/bin'],
      entrypoint: [],
      cmd: ['sh'],
      workingDir: '',
      user: '',
      labels: {},
      exposedPorts: [],
      volumes: [],
      stopSignal: '',
      shell: [],
      onBuild: [],
      ...config,
    },
  };
}

function hasLabel({ labels }: ContainerConfig, wanted: string): boolean {
  const split = wanted.indexOf('=');
  return split < 0 ? wanted in labels : labels[wanted.slice(0, split)] === wanted.slice(split + 1);
}

async function* noEvents(): AsyncIterable<RuntimeEvent> {
  await Promise.resolve();
  yield* [];
}

async function* noLogs(): AsyncIterable<LogEntry> {
  await Promise.resolve();
  yield* [];
}
