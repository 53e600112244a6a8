import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { MydockerError } from '../../errors.ts';
import type { RuntimeContext } from '../context.ts';
import { errnoOf } from '../../util/errno.ts';
import { numberOf } from '../core/reply.ts';
import { newId, shortId } from '../store/ids.ts';
import { readJsonIfExists, syncFolder, writeJson, writeWhole } from '../store/json-file.ts';
import { checkName } from '../store/names.ts';
import { SEALS } from '../store/seal.ts';
import { volumeMeta } from '../store/volume-record.ts';
import { expired, parseTrashId, trashPolicy, type TrashEntry, type TrashPolicy } from './trash-policy.ts';

export interface TrashedVolume extends TrashEntry {
  /** Bytes on disk. */
  readonly size: number;
  /** Unix time in milliseconds from which the next removal or `empty` may take it away. */
  readonly expires: number;
}

/**
 * Removed volumes, whole as they were, in the file system they came from: removing one is a rename, and so is bringing it
 * back. The store's lock is held by the caller of everything that changes it.
 */
export class VolumeTrash {
  readonly #context: RuntimeContext;
  readonly #volumes: string;
  readonly #root: string;
  readonly #policy: TrashPolicy;

  constructor(context: RuntimeContext, env: Readonly<Record<string, string | undefined>> = process.env) {
    this.#context = context;
    this.#volumes = join(context.roots.data, 'volumes');
    this.#root = join(context.roots.data, 'volume-trash');
    this.#policy = trashPolicy(env);
  }

  /** Whether removed volumes are kept at all. */
  get keeps(): boolean {
    return this.#policy.retention > 0;
  }

  /** Days a removed volume stays, for messages. */
  get days(): number {
    return this.#policy.retention / 86_400_000;
  }

  /** Takes the folder of a volume in. What earlier removals left beyond its time or over the size goes now. */
  async put(name: string): Promise<void> {
    mkdirSync(this.#root, { recursive: true, mode: 0o700 });
    await this.expire();
    await rename(join(this.#volumes, name), join(this.#root, `${name}@${String(Date.now())}-${shortId(newId())}`));
    await syncFolder(this.#root);
    await syncFolder(this.#volumes);
  }

  /** Names alone: nothing is measured. */
  names(): readonly string[] {
    return this.#entries().map(({ name }) => name);
  }

  /** Newest first. */
  async list(): Promise<readonly TrashedVolume[]> {
    const entries = this.#entries();
    const sized = await Promise.all(
      entries.map(async (entry) => ({ ...entry, size: await this.#sizeOf(entry), expires: entry.removed + this.#policy.retention })),
    );
    return sized.sort((a, b) => b.removed - a.removed);
  }

  /**
   * Brings a volume back under its name or another one; `reference` is an id of the list or a name, whose newest removal is
   * meant. Throws `not-found`, and `conflict` when the name is taken. Returns the name.
   */
  async restore(reference: string, newName?: string): Promise<string> {
    const entry = this.#find(reference);
    const name = newName ?? entry.name;
    checkName(name, 'volume');
    const target = join(this.#volumes, name);
    if (existsSync(target)) throw taken(name);
    const folder = join(this.#root, entry.id);
    const path = join(folder, 'meta.json');
    const meta = readJsonIfExists(path, volumeMeta, {
      resource: `volume ${entry.name}`,
      repair: `Its data is in ${join(folder, '_data')}.`,
      seal: SEALS.volume,
    });
    if (meta === undefined) throw new MydockerError('corrupt', `${path} is missing`, { resource: `volume ${entry.name}` });
    if (meta.name !== name) await writeJson(path, { ...meta, name }, { seal: SEALS.volume });
    await rm(sizePath(folder), { force: true });
    await rename(folder, target).catch((error: unknown) => {
      throw isTaken(error) ? taken(name) : error;
    });
    await syncFolder(this.#volumes);
    await syncFolder(this.#root);
    return name;
  }

  /** Takes away for good: what the references name, or everything. Returns the bytes that were freed. */
  async empty(references: readonly string[] = []): Promise<number> {
    const chosen = new Set(references.length === 0 ? undefined : references.map((reference) => this.#find(reference).id));
    const entries = (await this.list()).filter(({ id }) => references.length === 0 || chosen.has(id));
    for (const { id } of entries) await this.#purge(id);
    return entries.reduce((sum, { size }) => sum + size, 0);
  }

  /** Takes away what has been here for its time, and the oldest while all together is too large. */
  async expire(): Promise<void> {
    for (const { id } of expired(await this.list(), this.#policy, Date.now())) await this.#purge(id);
  }

  #entries(): readonly TrashEntry[] {
    if (!existsSync(this.#root)) return [];
    return readdirSync(this.#root).flatMap((id) => parseTrashId(id) ?? []);
  }

  #find(reference: string): TrashEntry {
    const matches = this.#entries()
      .filter(({ id, name }) => id === reference || name === reference)
      .sort((a, b) => b.removed - a.removed);
    if (matches[0] !== undefined) return matches[0];
    throw new MydockerError('not-found', `there is no volume ${reference} in the trash`, {
      hint: 'See `mydocker volume trash ls`.',
    });
  }

  /** Measured once: what lies in the trash does not change. */
  async #sizeOf({ id }: TrashEntry): Promise<number> {
    const path = sizePath(join(this.#root, id));
    const known = existsSync(path) ? Number(readFileSync(path, 'utf8')) : Number.NaN;
    if (Number.isSafeInteger(known)) return known;
    const reply = await this.#context.core.request('stat_tree', [
      ['root', this.#root],
      ['path', id],
    ]);
    const size = numberOf(reply, 'bytes');
    await writeWhole(path, String(size), { durable: false });
    return size;
  }

  async #purge(id: string): Promise<void> {
    await this.#context.core.request('remove_tree', [
      ['root', this.#root],
      ['path', id],
    ]);
  }
}

function taken(name: string): MydockerError {
  return new MydockerError('conflict', `there is a volume ${name} already`, {
    resource: `volume ${name}`,
    hint: 'Give it another name with --name, or remove that one first.',
  });
}

/** Volumes are made without the lock. */
function isTaken(error: unknown): boolean {
  return ['ENOTEMPTY', 'EEXIST'].includes(errnoOf(error));
}

function sizePath(folder: string): string {
  return join(folder, 'trashed-size');
}
