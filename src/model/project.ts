import type { Service } from './service.ts';

/**
 * The canonical Compose model: what `config` prints, after interpolation, merge and normalisation.
 * Absent keys are absent (never `undefined` members); durations are Go strings such as `1m30s`; byte sizes are decimal strings.
 */
export interface Project {
  readonly name: string;
  readonly networks?: Readonly<Record<string, NetworkDefinition>>;
  readonly volumes?: Readonly<Record<string, VolumeDefinition>>;
  readonly configs?: Readonly<Record<string, FileObject>>;
  readonly secrets?: Readonly<Record<string, FileObject>>;
  readonly models?: Readonly<Record<string, ModelDefinition>>;
  readonly services: Readonly<Record<string, Service>>;
  /** Between the parts of container and image names where it is not `-`; no key of the files, `--compatibility` sets it. */
  readonly separator?: '_';
  readonly [extension: `x-${string}`]: unknown;
}

export type StringMap = Readonly<Record<string, string>>;

export interface NetworkDefinition {
  /** The real name: `<project>_<key>` unless `name` or `external` says otherwise. */
  readonly name: string;
  readonly driver?: string;
  readonly driver_opts?: StringMap;
  readonly ipam?: { readonly driver?: string; readonly config?: readonly IpamPoolDefinition[] };
  readonly external?: boolean;
  readonly internal?: boolean;
  readonly attachable?: boolean;
  readonly labels?: StringMap;
  readonly enable_ipv4?: boolean;
  readonly enable_ipv6?: boolean;
  readonly [extension: `x-${string}`]: unknown;
}

export interface IpamPoolDefinition {
  readonly subnet?: string;
  readonly gateway?: string;
  readonly ip_range?: string;
  readonly aux_addresses?: StringMap;
}

export interface VolumeDefinition {
  readonly name: string;
  readonly driver?: string;
  readonly driver_opts?: StringMap;
  readonly external?: boolean;
  readonly labels?: StringMap;
  readonly [extension: `x-${string}`]: unknown;
}

/** A top-level config or secret. Exactly one of `file`, `environment`, `content`, `external` or a driver. */
export interface FileObject {
  readonly name?: string;
  /** Absolute. */
  readonly file?: string;
  /** Name of a variable of the project's environment (`LoadResult.environment`). */
  readonly environment?: string;
  readonly content?: string;
  readonly external?: boolean;
  readonly labels?: StringMap;
  readonly driver?: string;
  readonly driver_opts?: StringMap;
  readonly template_driver?: string;
  readonly [extension: `x-${string}`]: unknown;
}

export interface ModelDefinition {
  readonly name: string;
  readonly model?: string;
  readonly context_size?: number;
  readonly runtime_flags?: readonly string[];
  readonly [extension: `x-${string}`]: unknown;
}
