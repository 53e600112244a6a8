import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { MydockerError } from '../../errors.ts';
import type { ContainerConfig } from '../../model/container.ts';
import type { RuntimeContext } from '../context.ts';
import { containerRecord } from '../store/container-record.ts';
import { isFullId, shortId } from '../store/ids.ts';
import { readIntact, readJsonIfExists, writeJson } from '../store/json-file.ts';
import { SEALS } from '../store/seal.ts';
import { NameIndex } from '../store/names.ts';
import { containerPaths, type ContainerPaths } from './paths.ts';
import { parseUnfinished } from './unfinished.ts';

/** The records of containers on disk: finding, reading and writing them. Nothing here starts or stops anything. */
export class ContainerRecords {
  readonly #context: RuntimeContext;
  readonly names: NameIndex;

  constructor(context: RuntimeContext) {
    this.#context = context;
    this.names = new NameIndex(join(context.roots.data, 'names', 'containers'));
  }

  paths(id: string): ContainerPaths {
    return containerPaths(this.#context.roots, id);
  }

  ids(): readonly string[] {
    return readdirSync(join(this.#context.roots.data, 'containers')).filter(isFullId);
  }

  /** Undefined when there is no such container; `corrupt` when its folder has no record that can be read. */
  read(id: string): ContainerConfig | undefined {
    const { config, data } = this.paths(id);
    const kind = {
      resource: `container ${shortId(id)}`,
      repair: `Remove it with: mydocker rm --force ${shortId(id)}`,
      seal: SEALS.container,
    };
    const record = readJsonIfExists(config, containerRecord, kind);
    if (record === undefined && existsSync(data)) {
      throw new MydockerError('corrupt', `${config} is missing`, { resource: kind.resource, hint: kind.repair });
    }
    return record;
  }

  async write(config: ContainerConfig): Promise<void> {
    await writeJson(this.paths(config.id).config, config, { seal: SEALS.container });
  }

  /** All records that can be read, oldest first; what cannot is told through `warnings()`. */
  readAll(): readonly ContainerConfig[] {
    const configs: ContainerConfig[] = [];
    for (const id of this.ids()) {
      try {
        const config = this.read(id);
        if (config !== undefined) configs.push(config);
      } catch (error) {
        if (!(error instanceof MydockerError)) throw error;
        this.#context.warn(`${error.resource ?? id}: ${error.message}${error.hint === undefined ? '' : `. ${error.hint}`}`);
      }
    }
    return configs.sort((a, b) => (a.created < b.created ? -1 : 1));
  }

  /** Whether the container is there and bears the name. */
  bears(id: string, name: string): boolean {
    try {
      return this.read(id)?.name === name;
    } catch {
      // A broken record may well bear it: better a refusal than two of a name.
      return true;
    }
  }

  /** Full id of a reference: an id, a name, or the unique beginning of an id; in this order. */
  resolve(reference: string): string {
    const name = reference.replace(/^\//, '');
    if (isFullId(name) && existsSync(this.paths(name).data)) return name;
    const named = /^[\w.-]+$/.test(name) ? this.names.lookUp(name) : undefined;
    if (named !== undefined && existsSync(this.paths(named).data) && this.bears(named, name)) return named;
    const matches = /^[0-9a-f]+$/.test(name) ? this.ids().filter((id) => id.startsWith(name)) : [];
    if (matches.length === 1 && matches[0] !== undefined) return matches[0];
    if (matches.length > 1) {
      throw new MydockerError('invalid', `${JSON.stringify(reference)} is the beginning of ${String(matches.length)} ids`, {
        hint: 'Write more digits, or the name.',
      });
    }
    throw new MydockerError('not-found', `no such container: ${reference}`);
  }

  /** Those that a command is making now: their volumes are theirs already. */
  #inTheMaking(): readonly ContainerConfig[] {
    const folder = join(this.#context.roots.data, 'containers');
    return readdirSync(folder)
      .filter((name) => parseUnfinished(name)?.abandoned === false)
      .flatMap((name) => readIntact(join(folder, name, 'config.json'), SEALS.container) ?? []) as ContainerConfig[];
  }

  /** Names of the containers that mount each volume. */
  usersByVolume(): ReadonlyMap<string, readonly string[]> {
    const users = new Map<string, string[]>();
    // In this order: one that is made meanwhile is in the first list or in the second one.
    for (const { name, mounts } of [...this.#inTheMaking(), ...this.readAll()]) {
      for (const mount of mounts) if (mount.type === 'volume') users.set(mount.volume, [...(users.get(mount.volume) ?? []), name]);
    }
    return users;
  }
}
