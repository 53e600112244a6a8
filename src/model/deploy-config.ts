import type { StringMap } from './project.ts';

/** `services.*.deploy`. */
export interface DeployConfig {
  readonly mode?: string;
  readonly replicas?: number;
  readonly labels?: StringMap;
  readonly update_config?: UpdateConfig;
  readonly rollback_config?: UpdateConfig;
  readonly resources?: { readonly limits?: DeployResource; readonly reservations?: DeployResource };
  readonly restart_policy?: {
    readonly condition?: string;
    readonly delay?: string;
    readonly max_attempts?: number;
    readonly window?: string;
  };
  readonly placement?: {
    readonly constraints?: readonly string[];
    readonly preferences?: readonly { readonly spread?: string }[];
    readonly max_replicas_per_node?: number;
  };
  readonly endpoint_mode?: string;
}

export interface UpdateConfig {
  readonly parallelism?: number;
  readonly delay?: string;
  readonly failure_action?: string;
  readonly monitor?: string;
  readonly max_failure_ratio?: number;
  readonly order?: string;
}

export interface DeployResource {
  readonly cpus?: number;
  /** Decimal bytes. */
  readonly memory?: string;
  readonly pids?: number;
  readonly devices?: readonly DeviceRequest[];
  readonly generic_resources?: readonly { readonly discrete_resource_spec?: { readonly kind: string; readonly value: number } }[];
}

export interface DeviceRequest {
  readonly capabilities?: readonly string[];
  readonly driver?: string;
  /** -1 is all. */
  readonly count?: number;
  readonly device_ids?: readonly string[];
  readonly options?: StringMap;
}
