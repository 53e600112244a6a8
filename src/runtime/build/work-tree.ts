import { mkdir } from 'node:fs/promises';
import { join, posix } from 'node:path';
import type { Readable } from 'node:stream';
import { randomHex } from '../../util/random.ts';
import { statInTree } from '../images/container-stat.ts';
import type { TreeEntry } from '../images/container-diff.ts';
import { pack, unpack } from '../images/core-program.ts';
import { layerPath } from '../store/layer-path.ts';
import type { RuntimeContext } from '../context.ts';

/** The files of a stage, with a write layer of their own for one step. */
export class WorkTree {
  /** Its write layer. */
  readonly upper: string;
  readonly #context: RuntimeContext;
  readonly #args: readonly string[];

  private constructor(context: RuntimeContext, layers: readonly string[], folder: string) {
    this.#context = context;
    this.upper = join(folder, 'diff');
    const lower = layers.flatMap((diffId) => ['--lower', layerPath(context.roots, diffId)]);
    this.#args = [...lower, '--upper', this.upper, '--work', join(folder, 'work')];
  }

  static async open(context: RuntimeContext, staging: string, layers: readonly string[]): Promise<WorkTree> {
    const folder = join(staging, `tree-${randomHex(6)}`);
    const tree = new WorkTree(context, layers, folder);
    await mkdir(tree.upper, { recursive: true, mode: 0o755 });
    await mkdir(join(folder, 'work'), { mode: 0o700 });
    return tree;
  }

  /** What is at the path, its links followed; undefined when nothing is. */
  async stat(path: string): Promise<{ readonly path: string; readonly entry: TreeEntry } | undefined> {
    return statInTree(this.#context.core.path, this.#args, path, true);
  }

  /** Makes the folder and its parents where they are missing. Returns where it really is. */
  async ensureFolder(path: string, empty: string, owner: readonly string[]): Promise<string> {
    const found = await this.stat(path);
    if (found?.entry.type === 'd') return found.path;
    await this.copyIn({ root: empty, path: '/', name: posix.relative('/', path) }, '/', owner);
    return (await this.stat(path))?.path ?? path;
  }

  /** Copies a host path (below `root`) to `name` in the folder `target`, which keeps its mode where `name` is `.`. */
  async copyIn(
    source: { readonly root: string; readonly path: string; readonly name: string },
    target: string,
    owner: readonly string[],
  ): Promise<void> {
    await pack(this.#context.core.path, ['--root', source.root, '--path', source.path, '--name', source.name], (tar) =>
      this.unpackIn(tar, target, owner),
    );
  }

  async unpackIn(tar: Readable, target: string, owner: readonly string[]): Promise<void> {
    await unpack(this.#context.core.path, ['--mode', 'copy', ...this.#args, '--path', target, ...owner], tar);
  }

  /** Copies a path of the stage, with its owners, to `name` in the host folder. */
  async copyOut(path: string, folder: string, name: string): Promise<void> {
    const { path: core } = this.#context.core;
    await pack(core, [...this.#args, '--path', path, '--name', name], async (tar) => {
      await unpack(core, ['--mode', 'copy', '--root', folder], tar);
    });
  }
}
