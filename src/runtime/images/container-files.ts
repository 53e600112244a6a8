import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { MydockerError } from '../../errors.ts';
import type { Container, ContainerStore, VolumeStore } from '../../model/runtime.ts';
import { containerPaths, type ContainerPaths } from '../containers/paths.ts';
import { observeState } from '../containers/read-state.ts';
import { whileThere } from '../containers/while-there.ts';
import type { RuntimeContext } from '../context.ts';
import { CoreError } from '../core/reply.ts';
import { isAlive } from '../store/process-times.ts';
import type { CommitOptions } from './commit-container.ts';
import type { Change } from './container-diff.ts';
import { bareTreeArgs, fullTreeArgs } from './container-tree.ts';
import type { ContainerSide, CopyOptions } from './copy-container.ts';
import type { LocalImageStore } from './image-store.ts';
import type { SyncChanges } from './sync-container.ts';

export interface ContainerFilesServices {
  readonly context: RuntimeContext;
  readonly images: LocalImageStore;
  readonly containers: Pick<ContainerStore, 'get'>;
  readonly volumes: Pick<VolumeStore, 'get'>;
}

/** What one can do with the files of a container, running or not: copy, list changes, export, commit. */
export class ContainerFiles {
  readonly #services: ContainerFilesServices;

  constructor(services: ContainerFilesServices) {
    this.#services = services;
  }

  /** To the host, as `docker cp` does; returns the bytes of the archive. */
  async copyFrom(reference: string, source: string, target: string, options: CopyOptions): Promise<number> {
    const { copyFromContainer } = await import('./copy-container.ts');
    return this.#told('archive-path', reference, async (container) =>
      copyFromContainer(await this.#side(container), source, target, options),
    );
  }

  /** As a tar stream. */
  async copyToStream(reference: string, source: string, output: NodeJS.WritableStream, options: CopyOptions): Promise<void> {
    const { copyToStream } = await import('./copy-container.ts');
    await this.#told('archive-path', reference, async (container) => copyToStream(await this.#side(container), source, output, options));
  }

  /** From the host; returns the bytes of the archive. */
  async copyTo(reference: string, source: string, target: string, options: CopyOptions): Promise<number> {
    const { copyToContainer } = await import('./copy-container.ts');
    return this.#told('extract-to-dir', reference, async (container) =>
      copyToContainer(await this.#side(container, target), source, target, options),
    );
  }

  /** From a tar stream, plain or compressed. */
  async copyFromStream(reference: string, source: Readable, target: string): Promise<void> {
    const { copyFromStream } = await import('./copy-container.ts');
    await this.#told('extract-to-dir', reference, async (container) => copyFromStream(await this.#side(container, target), source, target));
  }

  /** Takes over single files and folders of the host, and removes what is gone there. */
  async sync(reference: string, changes: SyncChanges): Promise<void> {
    const { syncToContainer } = await import('./sync-container.ts');
    const target = changes.entries[0]?.target ?? changes.removals[0];
    await this.#atRest(reference, async (container) => syncToContainer(await this.#side(container, target), changes));
  }

  /** What differs from the image. */
  async diff(reference: string): Promise<readonly Change[]> {
    const { containerDiff } = await import('./container-diff.ts');
    const { context, containers } = this.#services;
    const container = await containers.get(reference);
    const paths = containerPaths(context.roots, container.config.id);
    return whileThere(paths, reference, () => containerDiff(context, container));
  }

  /** The root file system as a tar, without what is in volumes. */
  async export(reference: string, output: NodeJS.WritableStream): Promise<void> {
    const { context } = this.#services;
    const { pack } = await import('./core-program.ts');
    const { writeAll } = await import('./copy-container.ts');
    await this.#told('export', reference, (container) =>
      pack(context.core.path, bareTreeArgs(context, container), async (tar) => writeAll(tar, output)),
    );
  }

  /** A new image of the container's changes; a running container is paused meanwhile unless told otherwise. Returns the image's id. */
  async commit(reference: string, options: CommitOptions & { readonly pause: boolean }): Promise<string> {
    const { images } = this.#services;
    return this.#atRest(reference, async (container) => {
      if (!options.pause) return images.commit(container, options);
      const release = await this.#leasePause(container.config.id);
      try {
        return await images.commit(container, options);
      } finally {
        release();
      }
    });
  }

  /** The pause ends with this process, however it ends. One that somebody else has paused, or that has ended, stays so. */
  async #leasePause(id: string): Promise<() => void> {
    const { controlLease, NoSupervisorError } = await import('../core/control-client.ts');
    try {
      return await controlLease(join(this.#services.context.roots.run, 'containers', id), 'pause', [['lease', '1']]);
    } catch (error) {
      if (error instanceof NoSupervisorError || (error instanceof CoreError && ['EALREADY', 'ESRCH'].includes(error.errno)))
        return () => undefined;
      throw error;
    }
  }

  /** Does it, and has an event say so. */
  async #told<T>(action: string, reference: string, use: (container: Container) => Promise<T>): Promise<T> {
    return this.#atRest(reference, async (container) => {
      const result = await use(container);
      const { id, labels, image, name } = container.config;
      const attributes = { ...labels, image: image.reference, name };
      this.#services.context.events.append({ type: 'container', action, id, attributes });
      return result;
    });
  }

  async #side(container: Container, target?: string): Promise<ContainerSide> {
    const { context, volumes } = this.#services;
    if (target !== undefined) refuseReadOnly(container, target);
    return { corePath: context.core.path, name: container.config.name, tree: await fullTreeArgs(context, container, volumes) };
  }

  /** With a container that goes on running, or that nobody starts meanwhile: two mounts of one write layer would disturb each other. */
  async #atRest<T>(reference: string, use: (container: Container) => Promise<T>): Promise<T> {
    const { context, containers } = this.#services;
    for (;;) {
      const container = await containers.get(reference);
      const { id } = container.config;
      const paths = containerPaths(context.roots, id);
      const pidNow = (): number => observeState(paths, id).state.pid;
      const stopped = async (): Promise<{ readonly value: T } | undefined> =>
        context.locks.withLock(paths.lock, async () => (pidNow() > 0 ? undefined : { value: await use(container) }));
      const done = await whileThere(paths, reference, async () =>
        container.state.pid > 0 ? { value: await whileRunning(container, paths, use) } : stopped(),
      );
      if (done !== undefined) return done.value;
    }
  }
}

/** Its tree is that of its first process, and goes with it. */
async function whileRunning<T>(container: Container, paths: ContainerPaths, use: (container: Container) => Promise<T>): Promise<T> {
  try {
    return await use(container);
  } catch (error) {
    const { record } = observeState(paths, container.config.id);
    // Its supervisor may not have seen its end yet, and it may still be ending.
    const runs = record?.pid === container.state.pid && isAlive({ pid: record.pid, start: record.pidStart });
    if (runs && !(error instanceof CoreError && error.errno === 'ESRCH')) throw error;
    throw new MydockerError('state', 'it stopped or was restarted meanwhile', {
      resource: `container ${container.config.name}`,
      hint: 'Run the command again.',
      cause: error,
    });
  }
}

/** A stopped container's tree is mounted writable; what it may not write when it runs is not written here either. */
function refuseReadOnly({ config }: Container, target: string): void {
  if (!config.readonlyRootfs) return;
  const writable = config.mounts.some((mount) => !mount.readOnly && (target === mount.target || target.startsWith(`${mount.target}/`)));
  if (!writable)
    throw new MydockerError('refused', 'the container’s root file system is read-only', { resource: `container ${config.name}` });
}
