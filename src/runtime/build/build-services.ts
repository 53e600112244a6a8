import type { Containers } from '../containers/container-store.ts';
import type { RuntimeContext } from '../context.ts';
import type { LocalImageStore } from '../images/image-store.ts';

/** What a build works with. */
export interface BuildServices {
  readonly context: RuntimeContext;
  readonly images: LocalImageStore;
  readonly containers: Containers;
  /** Brings an image here from its registry; absent where there are no registries to ask. */
  readonly pull?: (reference: string) => Promise<void>;
  /** Steps that builds of this process are making now, by their key; settled when one has its record, or failed. */
  readonly underWay: Map<string, Promise<unknown>>;
}
