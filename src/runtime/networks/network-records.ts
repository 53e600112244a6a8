import { readdirSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { MydockerError } from '../../errors.ts';
import type { NetworkRecord } from '../../model/runtime.ts';
import type { RuntimeContext } from '../context.ts';
import { readJsonIfExists, writeJson } from '../store/json-file.ts';
import { networkMeta } from '../store/network-record.ts';
import { SEALS } from '../store/seal.ts';
import { sha256 } from '../../util/sha256.ts';

/** Networks that are always there: `host` and `none` need nothing, `bridge` is made when a container wants it. */
export const PREDEFINED: ReadonlySet<string> = new Set(['bridge', 'host', 'none']);

/** What is recorded below `networks/` of the data root. */
export class NetworkRecords {
  readonly #context: RuntimeContext;
  readonly #folder: string;

  constructor(context: RuntimeContext) {
    this.#context = context;
    this.#folder = join(context.roots.data, 'networks');
  }

  get(name: string): NetworkRecord | undefined {
    if (!isNetworkName(name)) return undefined;
    const path = join(this.#folder, name, 'meta.json');
    return readJsonIfExists(path, networkMeta, {
      resource: `network ${name}`,
      repair: `Remove ${join(this.#folder, name)}; the next up makes the network again.`,
      seal: SEALS.network,
    });
  }

  /** Those made by somebody, by name; a broken one is told through `warnings()` and left out. */
  list(): readonly NetworkRecord[] {
    return this.#names().flatMap((name) => {
      try {
        return this.get(name) ?? [];
      } catch (error) {
        if (!(error instanceof MydockerError)) throw error;
        this.#context.warn(`${error.resource ?? name}: ${error.message}`);
        return [];
      }
    });
  }

  /** By name, id or unique beginning of an id; the predefined ones too. */
  find(reference: string): NetworkRecord | undefined {
    const named = this.get(reference) ?? this.predefined(reference);
    if (named !== undefined || !/^[0-9a-f]+$/.test(reference)) return named;
    const found = this.all().filter(({ id }) => id.startsWith(reference));
    if (found.length > 1) throw new MydockerError('invalid', `several networks have an id that starts with ${reference}`);
    return found[0];
  }

  all(): readonly NetworkRecord[] {
    const made = this.list();
    const names = new Set(made.map(({ name }) => name));
    const missing = [...PREDEFINED].filter((name) => !names.has(name)).flatMap((name) => this.predefined(name) ?? []);
    return [...made, ...missing].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** The record of a predefined network that nothing was made of yet. */
  predefined(name: string): NetworkRecord | undefined {
    if (name !== 'bridge' && name !== 'host' && name !== 'none') return undefined;
    const id = sha256(`${this.#context.roots.data}\0${name}`);
    return {
      id,
      name,
      driver: name,
      driverOpts: {},
      labels: {},
      internal: false,
      attachable: false,
      enableIpv4: true,
      enableIpv6: false,
      ipam: [],
      created: '1970-01-01T00:00:00.000Z',
    };
  }

  async put(record: NetworkRecord): Promise<void> {
    await mkdir(join(this.#folder, record.name), { recursive: true, mode: 0o700 });
    await writeJson(join(this.#folder, record.name, 'meta.json'), { version: 1, ...record }, { seal: SEALS.network });
  }

  async remove(name: string): Promise<void> {
    await rm(join(this.#folder, name), { recursive: true, force: true });
  }

  #names(): readonly string[] {
    try {
      return readdirSync(this.#folder).filter(isNetworkName).sort();
    } catch {
      return [];
    }
  }
}

export function isNetworkName(name: string): boolean {
  return /^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/.test(name) && name.length <= 255;
}
