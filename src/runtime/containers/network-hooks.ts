import type { ContainerConfig } from '../../model/container.ts';
import type { ObservedNetwork } from '../../model/runtime.ts';
import type { PreparedNetwork } from '../networks/prepare-start.ts';

/** The part of the networks that containers call. */
export interface NetworkHooks {
  prepareStart(config: ContainerConfig, place: { readonly dataDir: string }): Promise<PreparedNetwork>;
  observe(id: string): Promise<ObservedNetwork>;
  renamed(config: ContainerConfig): Promise<void>;
  restore(config: ContainerConfig): Promise<void>;
  containerRemoved(id: string): Promise<void>;
}
