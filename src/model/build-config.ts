import type { StringMap } from './project.ts';
import type { FileReference, Ulimit } from './service.ts';

/** `services.*.build`, long form. */
export interface BuildConfig {
  /** Absolute path or URL. */
  readonly context?: string;
  readonly dockerfile?: string;
  readonly dockerfile_inline?: string;
  readonly entitlements?: readonly string[];
  readonly args?: Readonly<Record<string, string | null>>;
  readonly provenance?: string;
  readonly sbom?: string;
  /** `default`, `default=PATH`, `id=PATH`. */
  readonly ssh?: readonly string[];
  readonly labels?: StringMap;
  readonly cache_from?: readonly string[];
  readonly cache_to?: readonly string[];
  readonly no_cache?: boolean;
  readonly additional_contexts?: StringMap;
  readonly pull?: boolean;
  readonly extra_hosts?: readonly string[];
  readonly isolation?: string;
  readonly network?: string;
  readonly target?: string;
  readonly secrets?: readonly FileReference[];
  readonly shm_size?: string;
  readonly tags?: readonly string[];
  readonly ulimits?: Readonly<Record<string, number | Ulimit>>;
  readonly platforms?: readonly string[];
  readonly privileged?: boolean;
  readonly [extension: `x-${string}`]: unknown;
}
