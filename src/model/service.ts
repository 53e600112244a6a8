import type { BuildConfig } from './build-config.ts';
import type { DeployConfig, DeviceRequest } from './deploy-config.ts';
import type { StringMap } from './project.ts';

/** One service of the canonical model: all attributes of the Compose specification, long forms only. */
export interface Service {
  readonly annotations?: StringMap;
  readonly attach?: boolean;
  readonly blkio_config?: BlkioConfig;
  readonly build?: BuildConfig;
  readonly cap_add?: readonly string[];
  readonly cap_drop?: readonly string[];
  readonly cgroup?: string;
  readonly cgroup_parent?: string;
  /** Absent: the image's command; an empty list clears it. */
  readonly command?: readonly string[];
  readonly configs?: readonly FileReference[];
  readonly container_name?: string;
  readonly cpu_count?: number;
  readonly cpu_percent?: number;
  readonly cpu_period?: number;
  readonly cpu_quota?: number;
  readonly cpu_rt_period?: number;
  readonly cpu_rt_runtime?: number;
  readonly cpu_shares?: number;
  readonly cpus?: number;
  readonly cpuset?: string;
  readonly credential_spec?: { readonly config?: string; readonly file?: string; readonly registry?: string };
  readonly depends_on?: Readonly<Record<string, ServiceDependency>>;
  readonly deploy?: DeployConfig;
  readonly develop?: DevelopConfig;
  readonly device_cgroup_rules?: readonly string[];
  readonly devices?: readonly DeviceMapping[];
  readonly dns?: readonly string[];
  readonly dns_opt?: readonly string[];
  readonly dns_search?: readonly string[];
  readonly domainname?: string;
  /** Absent: the image's entrypoint; an empty list clears it. */
  readonly entrypoint?: readonly string[];
  /** Only with `--no-env-resolution`; otherwise it is resolved into `environment`. */
  readonly env_file?: readonly EnvFile[];
  /** null: named without a value and not set where the command runs; the container does not get it. */
  readonly environment?: Readonly<Record<string, string | null>>;
  readonly expose?: readonly string[];
  /** Only where the service it names has no content; otherwise it is merged in. */
  readonly extends?: { readonly file?: string; readonly service: string };
  readonly external_links?: readonly string[];
  /** `host=address`; the address may be `host-gateway`. */
  readonly extra_hosts?: readonly string[];
  readonly gpus?: readonly DeviceRequest[];
  readonly group_add?: readonly string[];
  readonly healthcheck?: Healthcheck;
  readonly hostname?: string;
  readonly image?: string;
  readonly init?: boolean;
  readonly ipc?: string;
  readonly isolation?: string;
  readonly label_file?: readonly string[];
  readonly labels?: StringMap;
  /** `service` or `service:alias`. */
  readonly links?: readonly string[];
  readonly logging?: { readonly driver?: string; readonly options?: StringMap };
  readonly mac_address?: string;
  readonly mem_limit?: string;
  readonly mem_reservation?: string;
  /** 0 to 100, as a decimal string. */
  readonly mem_swappiness?: string;
  readonly memswap_limit?: string;
  readonly models?: Readonly<Record<string, ServiceModel | null>>;
  readonly network_mode?: string;
  readonly networks?: Readonly<Record<string, ServiceNetwork | null>>;
  readonly oom_kill_disable?: boolean;
  readonly oom_score_adj?: number;
  readonly pid?: string;
  readonly pids_limit?: number;
  readonly platform?: string;
  readonly ports?: readonly PortMapping[];
  readonly post_start?: readonly ServiceHook[];
  readonly pre_stop?: readonly ServiceHook[];
  readonly privileged?: boolean;
  readonly profiles?: readonly string[];
  readonly provider?: ServiceProvider;
  readonly pull_policy?: string;
  readonly read_only?: boolean;
  readonly restart?: string;
  readonly runtime?: string;
  readonly scale?: number;
  readonly secrets?: readonly FileReference[];
  readonly security_opt?: readonly string[];
  readonly shm_size?: string;
  readonly stdin_open?: boolean;
  readonly stop_grace_period?: string;
  readonly stop_signal?: string;
  readonly storage_opt?: StringMap;
  readonly sysctls?: StringMap;
  readonly tmpfs?: readonly string[];
  readonly tty?: boolean;
  /** A number sets both limits. */
  readonly ulimits?: Readonly<Record<string, number | Ulimit>>;
  readonly use_api_socket?: boolean;
  readonly user?: string;
  readonly userns_mode?: string;
  readonly uts?: string;
  readonly volumes?: readonly ServiceVolume[];
  /** `service[:ro|rw]` or `container:name[:ro|rw]`. */
  readonly volumes_from?: readonly string[];
  readonly working_dir?: string;
  readonly [extension: `x-${string}`]: unknown;
}

export interface Ulimit {
  readonly soft: number;
  readonly hard: number;
}

export interface BlkioConfig {
  readonly weight?: number;
  readonly weight_device?: readonly { readonly path: string; readonly weight?: number }[];
  readonly device_read_bps?: readonly BlkioRate[];
  readonly device_read_iops?: readonly BlkioRate[];
  readonly device_write_bps?: readonly BlkioRate[];
  readonly device_write_iops?: readonly BlkioRate[];
}
export interface BlkioRate {
  readonly path: string;
  /** Bytes or operations per second, a decimal string. */
  readonly rate?: string;
}

export type DependencyCondition = 'service_started' | 'service_healthy' | 'service_completed_successfully';
export interface ServiceDependency {
  readonly condition: DependencyCondition;
  /** Restart this service when Compose restarts the dependency. */
  readonly restart?: boolean;
  readonly required: boolean;
}

export interface DevelopConfig {
  readonly watch?: readonly WatchTrigger[];
}
export interface WatchTrigger {
  readonly path: string;
  readonly action: 'rebuild' | 'sync' | 'restart' | 'sync+restart' | 'sync+exec';
  readonly target?: string;
  readonly exec?: Partial<ServiceHook>;
  readonly include?: readonly string[];
  readonly ignore?: readonly string[];
  readonly initial_sync?: boolean;
}

export interface DeviceMapping {
  readonly source: string;
  readonly target?: string;
  readonly permissions?: string;
}

export interface EnvFile {
  readonly path: string;
  readonly required: boolean;
  readonly format?: string;
}

/** Times are Go durations. */
export interface Healthcheck {
  /** `['NONE']`, `['CMD', ...]`, `['CMD-SHELL', text]`. */
  readonly test?: readonly string[];
  readonly timeout?: string;
  readonly interval?: string;
  readonly retries?: number;
  readonly start_period?: string;
  readonly start_interval?: string;
  readonly disable?: boolean;
}

export interface ServiceModel {
  readonly endpoint_var?: string;
  readonly model_var?: string;
}

export interface ServiceNetwork {
  readonly aliases?: readonly string[];
  readonly driver_opts?: StringMap;
  readonly gw_priority?: number;
  readonly interface_name?: string;
  readonly ipv4_address?: string;
  readonly ipv6_address?: string;
  readonly link_local_ips?: readonly string[];
  readonly mac_address?: string;
  readonly priority?: number;
}

export interface PortMapping {
  readonly name?: string;
  readonly mode: string;
  readonly host_ip?: string;
  readonly target: number;
  /** A port or a range `8000-8010`; absent lets the runtime choose. */
  readonly published?: string;
  readonly protocol: string;
  readonly app_protocol?: string;
}

export interface ServiceHook {
  readonly command: readonly string[];
  readonly user?: string;
  readonly privileged?: boolean;
  readonly working_dir?: string;
  readonly environment?: Readonly<Record<string, string | null>>;
}

export interface ServiceProvider {
  readonly type: string;
  readonly options?: Readonly<Record<string, readonly string[]>>;
}

/** A config or secret that a service (or its build) uses. */
export interface FileReference {
  readonly source: string;
  /** Absolute path for secrets (`/run/secrets/…` by default) and configs (`/<source>` by default). */
  readonly target?: string;
  readonly uid?: string;
  readonly gid?: string;
  /** Octal digits: `0440`. */
  readonly mode?: string;
}

export type ServiceVolume = {
  /** Host path for `bind`, key of the top-level volume for `volume` (absent: anonymous), image for `image`. */
  readonly source?: string;
  readonly target: string;
  readonly read_only?: boolean;
  readonly consistency?: string;
  readonly bind?: {
    readonly propagation?: string;
    readonly create_host_path?: boolean;
    readonly selinux?: string;
    readonly recursive?: string;
  };
  readonly volume?: { readonly labels?: StringMap; readonly nocopy?: boolean; readonly subpath?: string };
  /** `size` is decimal bytes; `mode` a number. */
  readonly tmpfs?: { readonly size?: string; readonly mode?: number };
  readonly image?: { readonly subpath?: string };
  readonly type: 'bind' | 'volume' | 'tmpfs' | 'image' | 'npipe' | 'cluster';
};
