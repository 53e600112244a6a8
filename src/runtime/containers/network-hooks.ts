import type { ContainerConfig } from '../../model/container.ts';
import type { ObservedNetwork } from '../../model/runtime.ts';
import type { Fields } from '../core/frame.ts';

/** What starting a container needs of its networks. */
export interface PreparedNetwork {
  /** Keys `net.*` and `dns.*` of op `start`. */
  readonly keys: Fields;
  /** hosts, hostname and resolv.conf: files of the host to bind. */
  readonly mounts: readonly { readonly source: string; readonly target: string; readonly readOnly: boolean }[];
  readonly sysctls: Readonly<Record<string, string>>;
  /** Gives back what was taken when the start failed. */
  abandon(): Promise<void>;
}

/** The part of the networks that containers call. */
export interface NetworkHooks {
  prepareStart(config: ContainerConfig, place: { readonly dataDir: string }): Promise<PreparedNetwork>;
  observe(id: string): Promise<ObservedNetwork>;
  containerRemoved(id: string): Promise<void>;
}
