/** What a container is made from. Written once at creation as `containers/<id>/config.json`, never changed but by `update` and `rename`. */
export interface ContainerConfig {
  readonly version: 1;
  /** 64 lower-case hex digits. */
  readonly id: string;
  readonly name: string;
  /** RFC 3339, UTC. */
  readonly created: string;
  readonly image: ContainerImage;
  readonly labels: Readonly<Record<string, string>>;
  readonly process: ProcessSpec;
  readonly hostname: string;
  readonly domainname: string;
  readonly namespaces: NamespaceModes;
  readonly mounts: readonly MountSpec[];
  readonly readonlyRootfs: boolean;
  readonly security: SecuritySpec;
  readonly resources: ResourceLimits;
  /** Kernel parameters, e.g. `net.ipv4.ip_forward`. */
  readonly sysctls: Readonly<Record<string, string>>;
  readonly devices: readonly DeviceSpec[];
  /** Size of /dev/shm in bytes; 64 MiB by default. */
  readonly shmSize: number;
  readonly init: boolean;
  readonly restart: RestartPolicy;
  readonly stop: StopSpec;
  readonly log: LogSpec;
  readonly healthcheck?: HealthcheckSpec;
  readonly network: NetworkSpec;
  /** Remove the container and its anonymous volumes when it ends (`run --rm`). */
  readonly autoRemove: boolean;
}

export interface ContainerImage {
  /** As the user wrote it, e.g. `busybox`. */
  readonly reference: string;
  /** Digest of the image's config: `sha256:…`. */
  readonly id: string;
  /** Diff ids, lowest layer first; each is a folder below `layers/`. */
  readonly layers: readonly string[];
}

export interface ProcessSpec {
  /** Entrypoint and command joined; never empty. */
  readonly args: readonly string[];
  /** How `args` came about, for `inspect` and `commit`. */
  readonly entrypoint: readonly string[];
  readonly command: readonly string[];
  /** `KEY=value`, image defaults first, each key once. */
  readonly env: readonly string[];
  readonly cwd: string;
  /** `user[:group]`, names or numbers, resolved in the container's own /etc/passwd and /etc/group; empty is root. */
  readonly user: string;
  /** Supplementary groups, names or numbers. */
  readonly groupAdd: readonly string[];
  readonly tty: boolean;
  /** Keep stdin open with nobody attached. */
  readonly stdinOpen: boolean;
  /** Close stdin when the first attached client has gone. */
  readonly stdinOnce: boolean;
  readonly ulimits: readonly Ulimit[];
  /** -1000 to 1000. */
  readonly oomScoreAdj: number;
}

/** `name` as in the Compose file: `nofile`, `nproc`, `core`, … A limit of -1 is unlimited. */
export interface Ulimit {
  readonly name: string;
  readonly soft: number;
  readonly hard: number;
}

export type NamespaceMode =
  | { readonly kind: 'private' }
  | { readonly kind: 'host' }
  | { readonly kind: 'none' }
  | { readonly kind: 'shareable' }
  | { readonly kind: 'container'; readonly container: string };

export interface NamespaceModes {
  /** `private`: endpoints of `network.endpoints`; `none`: loopback alone. */
  readonly network: NamespaceMode;
  readonly pid: NamespaceMode;
  readonly ipc: NamespaceMode;
  readonly uts: NamespaceMode;
  readonly cgroup: NamespaceMode;
}

interface MountBase {
  /** Absolute, normalised, inside the container. */
  readonly target: string;
  readonly readOnly: boolean;
}
export type MountPropagation = 'rprivate' | 'private' | 'rshared' | 'shared' | 'rslave' | 'slave';
export type MountSpec =
  | (MountBase & {
      readonly type: 'bind';
      /** Absolute path on the host. */
      readonly source: string;
      readonly propagation: MountPropagation;
      readonly recursive: boolean;
      /** Make a missing source directory (Compose short form). */
      readonly createSource: boolean;
    })
  | (MountBase & {
      readonly type: 'volume';
      /** Full name of the volume; anonymous ones have a generated 64-digit name. */
      readonly volume: string;
      readonly anonymous: boolean;
      /** Do not fill an empty volume from the image. */
      readonly nocopy: boolean;
      /** Path inside the volume; empty for all of it. */
      readonly subpath: string;
    })
  | (MountBase & {
      readonly type: 'tmpfs';
      /** Bytes; 0 is the kernel's default (half of memory). */
      readonly size: number;
      /** Permission bits; absent for those of the folder it covers, 0o1777 where there is none. */
      readonly mode?: number;
      readonly uid: number;
      readonly gid: number;
      /** Further mount options: `noexec`, `exec`, `nosuid`, … */
      readonly options: readonly string[];
    })
  /** A file the runtime writes itself before start: a config or secret with inline content. */
  | (MountBase & {
      readonly type: 'content';
      /** Base64, so that binary secrets survive. */
      readonly content: string;
      readonly mode: number;
      readonly uid: number;
      readonly gid: number;
    })
  /** A read-only image mounted as a volume (`type: image`). */
  | (MountBase & { readonly type: 'image'; readonly layers: readonly string[]; readonly subpath: string });

export interface SecuritySpec {
  readonly privileged: boolean;
  /** Upper case without `CAP_`, e.g. `NET_ADMIN`; `ALL` allowed. */
  readonly capAdd: readonly string[];
  readonly capDrop: readonly string[];
  readonly noNewPrivileges: boolean;
  /** `default`, `unconfined`, or the JSON text of a profile in Docker's format. */
  readonly seccomp: string;
  /** Name of a profile that the host has loaded, or `unconfined`; absent: the default one, or none when privileged. */
  readonly apparmor?: string;
  /** Docker's default lists unless `systempaths=unconfined` or privileged. */
  readonly maskSystemPaths: boolean;
}

/** Absent is unlimited. */
export interface ResourceLimits {
  /** Bytes. */
  readonly memory?: number;
  /** Bytes of memory and swap together; -1 is unlimited swap. */
  readonly memorySwap?: number;
  readonly memoryReservation?: number;
  /** 0 to 100 (cgroup v1 only). */
  readonly memorySwappiness?: number;
  readonly oomKillDisable?: boolean;
  /** In units of 1e-9 CPUs, as Docker's NanoCpus. */
  readonly nanoCpus?: number;
  /** Docker's scale: 2 to 262144, 1024 by default. */
  readonly cpuShares?: number;
  /** Microseconds. */
  readonly cpuQuota?: number;
  readonly cpuPeriod?: number;
  readonly cpuRtRuntime?: number;
  readonly cpuRtPeriod?: number;
  /** List format: `0-2,5`. */
  readonly cpusetCpus?: string;
  readonly cpusetMems?: string;
  /** -1 is unlimited. */
  readonly pidsLimit?: number;
  /** 10 to 1000. */
  readonly blkioWeight?: number;
  readonly blkioDevices?: readonly BlkioDevice[];
  /** Extra device cgroup rules: `c 1:3 mr`. */
  readonly deviceCgroupRules?: readonly string[];
  /** Path of the parent cgroup; `/mydocker` by default. */
  readonly cgroupParent?: string;
}

export interface BlkioDevice {
  readonly kind: 'weight' | 'read_bps' | 'read_iops' | 'write_bps' | 'write_iops';
  /** Host path of the device node. */
  readonly path: string;
  readonly value: number;
}

export interface DeviceSpec {
  readonly hostPath: string;
  readonly containerPath: string;
  /** Any of `r`, `w`, `m`. */
  readonly permissions: string;
}

export interface RestartPolicy {
  readonly name: 'no' | 'always' | 'on-failure' | 'unless-stopped';
  /** For `on-failure`; 0 is without end. */
  readonly maximumRetryCount: number;
  /** Kill and restart a container that turns unhealthy (our extension). */
  readonly onUnhealthy?: boolean;
}

export interface StopSpec {
  /** Signal number or name as the user wrote it, checked: `SIGTERM`, `TERM`, `15`, `SIGRTMIN+3`. */
  readonly signal: string;
  /** Seconds before SIGKILL; 10 by default; -1 waits without end. */
  readonly timeout: number;
}

export interface LogSpec {
  readonly driver: 'json-file' | 'local' | 'none';
  /** Bytes; 0 never rotates. */
  readonly maxSize: number;
  readonly maxFile: number;
  /** As the user wrote them, for `inspect`. */
  readonly options?: Readonly<Record<string, string>>;
}

/** Times in milliseconds. */
export interface HealthcheckSpec {
  /** `['CMD', …]` or `['CMD-SHELL', text]`. A check that is switched off is absent from the config instead. */
  readonly test: readonly string[];
  readonly interval: number;
  readonly timeout: number;
  readonly retries: number;
  readonly startPeriod: number;
  readonly startInterval: number;
}

export interface NetworkSpec {
  readonly endpoints: readonly EndpointSpec[];
  readonly ports: readonly PortSpec[];
  /** `host:address`, `host-gateway` not yet replaced. */
  readonly extraHosts: readonly string[];
  readonly dns: readonly string[];
  readonly dnsSearch: readonly string[];
  readonly dnsOptions: readonly string[];
  /** `80/tcp`: exposed, not published. */
  readonly exposed: readonly string[];
}

/** The wish to be on a network; the addresses really given are in the endpoint's record. */
export interface EndpointSpec {
  /** Full name of the network. */
  readonly network: string;
  readonly aliases: readonly string[];
  /** `container:alias`, resolved on this network alone. */
  readonly links: readonly string[];
  readonly ipv4Address?: string;
  readonly ipv6Address?: string;
  readonly linkLocalIps: readonly string[];
  readonly macAddress?: string;
  readonly interfaceName?: string;
  readonly priority: number;
  readonly gwPriority: number;
  readonly driverOpts: Readonly<Record<string, string>>;
}

export interface PortSpec {
  readonly containerPort: number;
  readonly protocol: 'tcp' | 'udp' | 'sctp';
  /** Empty is every address, IPv4 and IPv6. */
  readonly hostIp: string;
  /** 0 lets the runtime choose; `hostPortEnd` gives a range to choose from. */
  readonly hostPort: number;
  readonly hostPortEnd?: number;
}
