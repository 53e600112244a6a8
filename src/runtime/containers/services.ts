import type { RuntimeContext } from '../context.ts';
import type { Volumes } from '../volumes/volume-store.ts';
import type { NetworkHooks } from './network-hooks.ts';
import type { ContainerRecords } from './records.ts';

/** What the operations on containers work with. */
export interface ContainerServices {
  readonly context: RuntimeContext;
  readonly records: ContainerRecords;
  readonly volumes: Volumes;
  readonly networks: NetworkHooks;
  /** Folder of an unpacked layer. */
  readonly layerFolder: (diffId: string) => string;
}
