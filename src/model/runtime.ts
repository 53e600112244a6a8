import type { BuildRequest, BuiltImage } from './build-request.ts';
import type { ContainerConfig } from './container.ts';
import type { ContainerState } from './container-state.ts';

/**
 * What `apply` and the commands may ask of a runtime. The real one is in `runtime/`, a fake one in `test/helpers/`;
 * one contract suite runs on both.
 */
export interface Runtime {
  readonly images: ImageStore;
  readonly containers: ContainerStore;
  readonly volumes: VolumeStore;
  readonly networks: NetworkStore;
  readonly projects: ProjectStore;
  /** Builds an image from a Dockerfile; throws `invalid`, `not-found` or `runtime` with the line. */
  build(request: BuildRequest): Promise<BuiltImage>;
  readonly events: EventSource;
  /** Warnings about the host gathered so far (a missing controller, a clamped limit), each once. */
  warnings(): readonly string[];
  close(): Promise<void>;
}

export interface ImageConfig {
  readonly env: readonly string[];
  readonly entrypoint: readonly string[];
  readonly cmd: readonly string[];
  readonly workingDir: string;
  readonly user: string;
  readonly labels: Readonly<Record<string, string>>;
  /** `80/tcp`. */
  readonly exposedPorts: readonly string[];
  readonly volumes: readonly string[];
  readonly stopSignal: string;
  readonly shell: readonly string[];
  readonly healthcheck?: ImageHealthcheck;
  readonly onBuild: readonly string[];
}
/** Times in nanoseconds as in the image format; 0 is the default. */
export interface ImageHealthcheck {
  readonly test: readonly string[];
  readonly interval: number;
  readonly timeout: number;
  readonly startPeriod: number;
  readonly startInterval: number;
  readonly retries: number;
}
export interface Image {
  /** Digest of the config: `sha256:…`. */
  readonly id: string;
  /** Every name it has: `busybox:latest` (familiar form). */
  readonly tags: readonly string[];
  readonly digests: readonly string[];
  readonly created: string;
  readonly architecture: string;
  readonly os: string;
  /** Bytes, unpacked. */
  readonly size: number;
  /** Diff ids, lowest first. */
  readonly layers: readonly string[];
  /** When it got one of its names last; RFC 3339. */
  readonly namedAt?: string;
  readonly config: ImageConfig;
}
export interface PullOptions {
  readonly platform?: { readonly os: string; readonly architecture: string; readonly variant?: string };
  readonly onProgress?: (progress: PullProgress) => void;
}
export type PullProgress =
  | {
      readonly kind: 'layer';
      /** Twelve digits. */
      readonly layer: string;
      readonly status: 'downloading' | 'extracting' | 'complete' | 'exists';
      /** Bytes. */
      readonly current?: number;
      readonly total?: number;
    }
  | { readonly kind: 'digest'; readonly digest: string };
export interface ImageStore {
  /** By name, name:tag, name@digest, id or unique id prefix; undefined when it is not there. */
  get(reference: string): Promise<Image | undefined>;
  list(): Promise<readonly Image[]>;
  tag(source: string, target: string): Promise<void>;
  /** From its registry: the image's id, and the digest of what the name stands for there. */
  pull(reference: string, options?: PullOptions): Promise<{ readonly id: string; readonly digest: string; readonly isNew: boolean }>;
  /** Refuses an image that a container uses unless `force`. Returns what was untagged and deleted, in order. */
  remove(
    reference: string,
    options?: { readonly force?: boolean },
  ): Promise<readonly { readonly untagged?: string; readonly deleted?: string }[]>;
}

export type ContainerDraft = Omit<ContainerConfig, 'version' | 'id' | 'created'> & { readonly id?: string };
export interface Container {
  readonly config: ContainerConfig;
  readonly state: ContainerState;
  /** The addresses and ports really in use; empty unless it runs. */
  readonly network: ObservedNetwork;
}
export interface ObservedNetwork {
  readonly endpoints: readonly ObservedEndpoint[];
  readonly ports: readonly PublishedPort[];
}
export interface ObservedEndpoint {
  readonly network: string;
  readonly networkId: string;
  readonly interfaceName: string;
  readonly macAddress: string;
  readonly ipv4Address: string;
  readonly ipv4PrefixLength: number;
  readonly ipv4Gateway: string;
  readonly ipv6Address: string;
  readonly ipv6PrefixLength: number;
  readonly ipv6Gateway: string;
  /** All names it is found by, its own first: container name, aliases, short id, host name. */
  readonly aliases: readonly string[];
}
export interface PublishedPort {
  readonly hostIp: string;
  readonly hostPort: number;
  readonly containerPort: number;
  readonly protocol: string;
}
export interface ContainerStore {
  /** Id, unique id prefix, or name; throws `not-found` or, when several match, `invalid`. */
  get(reference: string): Promise<Container>;
  /** All, stopped ones too; those with all the labels when given (`key` or `key=value`). A broken one is reported through `warnings()` and left out. */
  list(filter?: { readonly labels?: readonly string[] }): Promise<readonly Container[]>;
  /** Makes the folder, the record, the anonymous volumes and copy-up; starts nothing. Returns the id. */
  create(draft: ContainerDraft): Promise<string>;
  start(id: string, options?: StartOptions): Promise<void>;
  /** Resolves when it has ended; not an error when it is not running. `timeout` in seconds overrides the config's. */
  stop(id: string, options?: { readonly timeout?: number; readonly signal?: string }): Promise<void>;
  restart(id: string, options?: { readonly timeout?: number; readonly owesHooks?: boolean }): Promise<void>;
  /** The hooks of a start with `owesHooks` have run. */
  hooksDone(id: string): Promise<void>;
  kill(id: string, signal: string): Promise<void>;
  pause(id: string): Promise<void>;
  unpause(id: string): Promise<void>;
  rename(id: string, name: string): Promise<void>;
  /** Rewrites the record of a container that does not run, in one step; throws `state` when it runs. Doing it twice does no harm. */
  move(id: string, move: ContainerMove): Promise<void>;
  /** Changes a container, running or not, without recreating it; what is not named stays. */
  update(id: string, change: ContainerUpdate): Promise<void>;
  /** `force` kills first; `volumes` removes its anonymous volumes. Not an error when it is gone already. */
  remove(id: string, options?: { readonly force?: boolean; readonly volumes?: boolean }): Promise<void>;
  /** Removes what commands that were killed left half made or half removed. */
  removeLeftovers(): Promise<void>;
  /** The exit code at its end; rejects with the signal's reason when that comes first. */
  wait(id: string, options?: { readonly signal?: AbortSignal }): Promise<number>;
  exec(id: string, options: ExecOptions): Promise<ExecResult>;
  logs(id: string, options?: LogOptions): AsyncIterable<LogEntry>;
}
/** Another name, and other names of what it uses. */
export interface ContainerMove {
  readonly name: string;
  readonly labels: ContainerConfig['labels'];
  readonly image: ContainerConfig['image'];
  readonly mounts: ContainerConfig['mounts'];
  readonly network: ContainerConfig['network'];
}
export interface ContainerUpdate {
  /** All limits: one that is absent is taken back. */
  readonly resources?: ContainerConfig['resources'];
  readonly restart?: ContainerConfig['restart'];
  readonly labels?: Readonly<Record<string, string>>;
}
export interface StartOptions {
  /** Hooks of the caller belong to the start: until `hooksDone` the state says `hooksOwed`. */
  readonly owesHooks?: boolean;
  /** Relay this process's own stdio (`run` in the foreground). Resolves after exec; `exitCode` comes from `wait`. */
  readonly attach?: {
    readonly stdin: boolean;
    readonly stdout: boolean;
    readonly stderr: boolean;
    readonly detachKeys?: string;
    readonly sigProxy?: boolean;
  };
}
export interface ExecOptions {
  readonly args: readonly string[];
  readonly env?: readonly string[];
  readonly cwd?: string;
  readonly user?: string;
  readonly privileged?: boolean;
  readonly tty?: boolean;
  readonly stdin?: boolean;
  /** `relay`: this process's own stdio; `capture`: into the result; `detach`: returns at once. */
  readonly mode: 'relay' | 'capture' | 'detach';
  /**
   * For `relay` without a terminal, by one who has nothing left to do but to end with the same status: this process may become
   * the relay and never return. Called right before; returns what is to be printed before the text of an error.
   */
  readonly last?: () => string;
  readonly detachKeys?: string;
}
export interface ExecResult {
  readonly exitCode: number;
  readonly stdout: Uint8Array;
  readonly stderr: Uint8Array;
}
export interface LogOptions {
  readonly follow?: boolean;
  /** The last so many lines; absent is all. */
  readonly tail?: number;
  /** Unix time in nanoseconds. */
  readonly since?: bigint;
  readonly until?: bigint;
  readonly signal?: AbortSignal;
}
export interface LogEntry {
  readonly stream: 'stdout' | 'stderr';
  /** RFC 3339 with nanoseconds. */
  readonly time: string;
  /** As the program wrote it, newline included where it wrote one. */
  readonly text: string;
}

export interface VolumeRecord {
  readonly name: string;
  readonly driver: string;
  readonly driverOpts: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  readonly created: string;
  readonly mountpoint: string;
  readonly anonymous: boolean;
}
export interface VolumeStore {
  get(name: string): Promise<VolumeRecord | undefined>;
  list(): Promise<readonly VolumeRecord[]>;
  create(spec: {
    readonly name?: string;
    readonly driver?: string;
    readonly driverOpts?: Readonly<Record<string, string>>;
    readonly labels?: Readonly<Record<string, string>>;
    readonly anonymous?: boolean;
  }): Promise<VolumeRecord>;
  /** The same volume under another name, with these labels; the same name changes the labels alone. Throws `conflict` when the name is taken. */
  rename(name: string, newName: string, labels: Readonly<Record<string, string>>): Promise<void>;
  /** Refuses one in use and a protected one. */
  remove(name: string, options?: { readonly force?: boolean }): Promise<void>;
  /** Names of removed volumes that can still be brought back. */
  trashed(): readonly string[];
}

export interface NetworkRecord {
  /** 64 hex digits. */
  readonly id: string;
  readonly name: string;
  readonly driver: 'bridge' | 'host' | 'none';
  readonly driverOpts: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  readonly internal: boolean;
  readonly attachable: boolean;
  readonly enableIpv4: boolean;
  readonly enableIpv6: boolean;
  readonly ipam: readonly IpamPool[];
  readonly created: string;
}
export interface IpamPool {
  /** CIDR. */
  readonly subnet: string;
  readonly ipRange?: string;
  readonly gateway?: string;
  readonly auxAddresses?: Readonly<Record<string, string>>;
  /** The range was not asked for but chosen: nobody has fixed addresses in mind. */
  readonly chosen?: true;
}
export interface NetworkDraft {
  readonly name: string;
  readonly driver?: string;
  readonly driverOpts?: Readonly<Record<string, string>>;
  readonly labels?: Readonly<Record<string, string>>;
  readonly internal?: boolean;
  readonly attachable?: boolean;
  readonly enableIpv4?: boolean;
  readonly enableIpv6?: boolean;
  readonly ipam?: readonly Partial<IpamPool>[];
}
/** Who has a host port that a container wants. */
export interface PortHolder {
  readonly protocol: string;
  readonly port: number;
  readonly address: string;
  /** 0 when the process cannot be found (another pid namespace). */
  readonly pid: number;
  /** Its command line, or empty. */
  readonly command: string;
  /** Id of the container that publishes the port, when it is one of ours. */
  readonly container: string;
  readonly containerName: string;
}

/** What is left out stays as it is. */
export type EndpointChange = Partial<Pick<ContainerConfig['network']['endpoints'][number], 'aliases' | 'links'>>;

export interface NetworkStore {
  get(reference: string): Promise<NetworkRecord | undefined>;
  list(): Promise<readonly NetworkRecord[]>;
  create(draft: NetworkDraft): Promise<NetworkRecord>;
  /** The same network under another name, with these labels. Refuses one that a container is on. Doing it twice does no harm. */
  rename(name: string, newName: string, labels: Readonly<Record<string, string>>): Promise<void>;
  /** Refuses one that a container is on. */
  remove(reference: string): Promise<void>;
  connect(network: string, container: string, endpoint?: Partial<ContainerConfig['network']['endpoints'][number]>): Promise<void>;
  disconnect(network: string, container: string): Promise<void>;
  /** Gives a container, running or not, other aliases and links on a network it is on. */
  updateEndpoint(network: string, container: string, change: EndpointChange): Promise<void>;
  /** Publishes these ports of a container, running or not, in place of what it has; a failure leaves those as they were. */
  publish(container: string, ports: ContainerConfig['network']['ports']): Promise<void>;
  /** The first holder of each fixed port that is taken. A runtime without a host's ports has no such question. */
  portHolders?(ports: ContainerConfig['network']['ports']): readonly PortHolder[];
}

/** Something that happened; what is recorded of it are Docker's words. */
export interface RuntimeEvent {
  readonly type: 'container' | 'image' | 'volume' | 'network';
  /** `create`, `start`, `die`, `health_status: healthy`, … */
  readonly action: string;
  readonly id: string;
  /** Unix time in nanoseconds. */
  readonly time: bigint;
  /** Name, image, exit code, and for containers their labels. */
  readonly attributes: Readonly<Record<string, string>>;
}
export interface EventSource {
  /** Oldest first: what was recorded since `since` (now when absent), then what happens, up to `until` (without end when absent). */
  read(options?: { readonly since?: bigint; readonly until?: bigint; readonly signal?: AbortSignal }): AsyncIterable<RuntimeEvent>;
}

/** What was last applied, one record a project. `model` is the canonical Compose model. */
export interface ProjectRecord {
  readonly name: string;
  readonly workingDir: string;
  readonly configFiles: readonly string[];
  readonly applied: string;
  readonly model: unknown;
  /** Device and inode of the working directory, by which it is known again when it was moved. */
  readonly directory?: string;
  /** A rename is under way: the project's name until now. */
  readonly renamedFrom?: string;
  /** A rename is under way: the project's name from now on. */
  readonly renamedTo?: string;
  /** Ids of the containers that ran when a rename began that has not ended yet. */
  readonly ranBeforeRename?: readonly string[];
}
export interface ProjectLockOptions {
  /** What the holder does, for who waits: `up`. */
  readonly purpose?: string;
  /** Called once when it has to wait for longer than a second; `holder` is like `up (process 12)`, empty when unknown. */
  readonly onWait?: (holder: string) => void;
  /** Ends the waiting with an error. */
  readonly signal?: AbortSignal;
}
export interface ProjectStore {
  get(name: string): Promise<ProjectRecord | undefined>;
  list(): Promise<readonly ProjectRecord[]>;
  put(record: ProjectRecord): Promise<void>;
  remove(name: string): Promise<void>;
  /** Two commands that change one project take turns; resolves, when it is this one's turn, with what ends it. */
  lock(name: string, options?: ProjectLockOptions): Promise<() => void>;
}
