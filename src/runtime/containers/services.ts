import type { RuntimeContext } from '../context.ts';
import type { Slots } from '../../util/slots.ts';
import type { Volumes } from '../volumes/volume-store.ts';
import type { NetworkHooks } from './network-hooks.ts';
import type { AppArmorProfiles } from './load-apparmor.ts';
import type { HostCgroups } from './host-cgroups.ts';
import type { ContainerRecords } from './records.ts';
import type { SeccompFilters } from './seccomp-cache.ts';

/** What the operations on containers work with. */
export interface ContainerServices {
  readonly context: RuntimeContext;
  readonly records: ContainerRecords;
  readonly volumes: Volumes;
  readonly networks: NetworkHooks;
  readonly cgroups: HostCgroups;
  readonly seccomp: SeccompFilters;
  readonly appArmor: AppArmorProfiles;
  /** Launches at a time: so many keep the processors busy, more only wait for each other in the kernel. */
  readonly launches: Slots;
  /** Folder of an unpacked layer. */
  readonly layerFolder: (diffId: string) => string;
  /** A blob of an image. */
  readonly blobFile: (digest: string) => string;
}
