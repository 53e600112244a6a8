import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { Runtime } from '../model/runtime.ts';
import { Slots } from '../util/slots.ts';
import { containerAccess } from './containers/container-access.ts';
import { Containers } from './containers/container-store.ts';
import { HostCgroups } from './containers/host-cgroups.ts';
import { ContainerRecords } from './containers/records.ts';
import { AppArmorProfiles } from './containers/load-apparmor.ts';
import { SeccompFilters } from './containers/seccomp-cache.ts';
import type { ContainerServices } from './containers/services.ts';
import type { RuntimeContext } from './context.ts';
import { Core } from './core/core.ts';
import { ContainerFiles } from './images/container-files.ts';
import { openImageStore, type LocalImageStore } from './images/image-store.ts';
import { Networks } from './networks/networks.ts';
import { Projects } from './projects/project-store.ts';
import { EventFile } from './events/read-events.ts';
import { EventLog } from './store/event-log.ts';
import { layerPath } from './store/layer-path.ts';
import { FolderSyncs } from './store/folder-syncs.ts';
import { Locks } from './store/locks.ts';
import { findRoots, makeRoots, type RootFlags, type Roots } from './store/roots.ts';
import { Volumes } from './volumes/volume-store.ts';

/** The real runtime: the stores of `Runtime` and what the single-container front needs beside them. */
export interface MydockerRuntime extends Pick<Runtime, 'warnings' | 'close' | 'build'> {
  readonly context: RuntimeContext;
  readonly images: LocalImageStore;
  readonly containers: Containers;
  readonly files: ContainerFiles;
  readonly volumes: Volumes;
  readonly networks: Networks;
  readonly projects: Projects;
  readonly events: EventFile;
}

/** Opens the stores below the roots, which are made when missing. Starts nothing: the core comes with the first request that needs it. */
export function openRuntime(flags: RootFlags): Promise<MydockerRuntime> {
  const roots = findRoots(flags, process.env);
  const core = new Core();
  if (makeRoots(roots)) spreadContainers(roots, core);
  const warnings = new Set<string>();
  const context: RuntimeContext = {
    roots,
    core,
    locks: new Locks(core),
    syncs: new FolderSyncs(),
    events: new EventLog(roots),
    warn: (message) => warnings.add(message),
  };
  const records = new ContainerRecords(context);
  const volumes = new Volumes(context, () => records.usersByVolume());
  const networks = new Networks(context, containerAccess(context, records));
  const images = openImageStore(context);
  const services: ContainerServices = {
    context,
    records,
    volumes,
    networks,
    cgroups: new HostCgroups(core),
    seccomp: new SeccompFilters(context),
    appArmor: new AppArmorProfiles(),
    launches: new Slots(2 * availableParallelism()),
    layerFolder: (diffId) => layerPath(roots, diffId),
    blobFile: (digest) => images.library.blobPath(digest),
  };
  const containers = new Containers(services);
  const underWay = new Map<string, Promise<unknown>>();
  return Promise.resolve({
    context,
    images,
    containers,
    files: new ContainerFiles({ context, images, containers, volumes }),
    volumes,
    networks,
    projects: new Projects(context),
    events: new EventFile(context.events.path),
    build: async (request) =>
      (await import('./build/build-image.ts')).buildImage(
        { context, images, containers, underWay, pull: (name) => images.pullBase(name) },
        request,
      ),
    warnings: () => [...warnings],
    close: () => core.close(),
  });
}

/** Where many files that were removed would slow down the making of new ones: see native/src/tree/spread.c. */
function spreadContainers(roots: Roots, core: Core): void {
  for (const root of [roots.data, roots.run]) {
    core.request('spread', [['path', join(root, 'containers')]]).catch(() => undefined);
  }
}
