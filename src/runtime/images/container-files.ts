import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { MydockerError } from '../../errors.ts';
import type { Container, ContainerStore, VolumeStore } from '../../model/runtime.ts';
import type { RuntimeContext } from '../context.ts';
import { CoreError } from '../core/reply.ts';
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
    return this.#told('archive-path', reference, async () => copyFromContainer(await this.#side(reference), source, target, options));
  }

  /** As a tar stream. */
  async copyToStream(reference: string, source: string, output: NodeJS.WritableStream, options: CopyOptions): Promise<void> {
    const { copyToStream } = await import('./copy-container.ts');
    await this.#told('archive-path', reference, async () => copyToStream(await this.#side(reference), source, output, options));
  }

  /** From the host; returns the bytes of the archive. */
  async copyTo(reference: string, source: string, target: string, options: CopyOptions): Promise<number> {
    const { copyToContainer } = await import('./copy-container.ts');
    return this.#told('extract-to-dir', reference, async () =>
      copyToContainer(await this.#side(reference, target), source, target, options),
    );
  }

  /** From a tar stream, plain or compressed. */
  async copyFromStream(reference: string, source: Readable, target: string): Promise<void> {
    const { copyFromStream } = await import('./copy-container.ts');
    await this.#told('extract-to-dir', reference, async () => copyFromStream(await this.#side(reference, target), source, target));
  }

  /** Takes over single files and folders of the host, and removes what is gone there. */
  async sync(reference: string, changes: SyncChanges): Promise<void> {
    const { syncToContainer } = await import('./sync-container.ts');
    await syncToContainer(await this.#side(reference, changes.entries[0]?.target ?? changes.removals[0]), changes);
  }

  /** What differs from the image. */
  async diff(reference: string): Promise<readonly Change[]> {
    const { containerDiff } = await import('./container-diff.ts');
    return containerDiff(this.#services.context, await this.#services.containers.get(reference));
  }

  /** The root file system as a tar, without what is in volumes. */
  async export(reference: string, output: NodeJS.WritableStream): Promise<void> {
    const { context, containers } = this.#services;
    const container = await containers.get(reference);
    const { pack } = await import('./core-program.ts');
    const { writeAll } = await import('./copy-container.ts');
    await this.#told('export', reference, () =>
      pack(context.core.path, bareTreeArgs(context, container), async (tar) => writeAll(tar, output)),
    );
  }

  /** A new image of the container's changes; a running container is paused meanwhile unless told otherwise. Returns the image's id. */
  async commit(reference: string, options: CommitOptions & { readonly pause: boolean }): Promise<string> {
    const { images, containers } = this.#services;
    const container = await containers.get(reference);
    if (!options.pause) return images.commit(container, options);
    const release = await this.#leasePause(container.config.id);
    try {
      return await images.commit(container, options);
    } finally {
      release();
    }
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
  async #told<T>(action: string, reference: string, use: () => Promise<T>): Promise<T> {
    const { context, containers } = this.#services;
    const result = await use();
    const { config } = await containers.get(reference);
    const attributes = { ...config.labels, image: config.image.reference, name: config.name };
    context.events.append({ type: 'container', action, id: config.id, attributes });
    return result;
  }

  async #side(reference: string, target?: string): Promise<ContainerSide> {
    const { context, containers, volumes } = this.#services;
    const container = await containers.get(reference);
    if (target !== undefined) refuseReadOnly(container, target);
    return { corePath: context.core.path, name: container.config.name, tree: await fullTreeArgs(context, container, volumes) };
  }
}

/** A stopped container's tree is mounted writable; what it may not write when it runs is not written here either. */
function refuseReadOnly({ config }: Container, target: string): void {
  if (!config.readonlyRootfs) return;
  const writable = config.mounts.some((mount) => !mount.readOnly && (target === mount.target || target.startsWith(`${mount.target}/`)));
  if (!writable)
    throw new MydockerError('refused', 'the container’s root file system is read-only', { resource: `container ${config.name}` });
}
