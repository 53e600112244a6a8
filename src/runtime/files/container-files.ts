import type { Readable } from 'node:stream';
import type { Container, VolumeStore } from '../../model/runtime.ts';
import type { RuntimeContext } from '../context.ts';
import type { ContainerSide, CopyOptions } from '../images/copy-container.ts';

/** What is in a container's tree, running or stopped, with its volumes: `cp`; without them: `export`. */
export class ContainerFiles {
  readonly #context: RuntimeContext;
  readonly #volumes: Pick<VolumeStore, 'get'>;

  constructor(context: RuntimeContext, volumes: Pick<VolumeStore, 'get'>) {
    this.#context = context;
    this.#volumes = volumes;
  }

  /** To a path of the host; bytes of the archive. */
  async copyOut(container: Container, source: string, target: string, options: CopyOptions): Promise<number> {
    const { copyFromContainer } = await import('../images/copy-container.ts');
    return copyFromContainer(await this.#side(container), source, target, options);
  }

  /** As a tar stream. */
  async streamOut(container: Container, source: string, output: NodeJS.WritableStream, options: CopyOptions): Promise<void> {
    const { copyToStream } = await import('../images/copy-container.ts');
    await copyToStream(await this.#side(container), source, output, options);
  }

  async copyIn(container: Container, source: string, target: string, options: CopyOptions): Promise<number> {
    const { copyToContainer } = await import('../images/copy-container.ts');
    return copyToContainer(await this.#side(container), source, target, options);
  }

  async streamIn(container: Container, source: Readable, target: string): Promise<void> {
    const { copyFromStream } = await import('../images/copy-container.ts');
    await copyFromStream(await this.#side(container), source, target);
  }

  /** The whole tree without its volumes as a tar. */
  async export(container: Container, output: NodeJS.WritableStream): Promise<void> {
    const [{ bareTreeArgs }, { pack }, { writeAll }, { findCore }] = await Promise.all([
      import('../images/container-tree.ts'),
      import('../images/core-program.ts'),
      import('../images/copy-container.ts'),
      import('../core/find-core.ts'),
    ]);
    const args = [...bareTreeArgs(this.#context, container), '--path', '/', '--name', '.'];
    await pack(findCore(), args, (tar) => writeAll(tar, output));
  }

  async #side(container: Container): Promise<ContainerSide> {
    const [{ fullTreeArgs }, { findCore }] = await Promise.all([import('../images/container-tree.ts'), import('../core/find-core.ts')]);
    return { corePath: findCore(), name: container.config.name, tree: await fullTreeArgs(this.#context, container, this.#volumes) };
  }
}
