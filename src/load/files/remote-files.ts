import { join } from 'node:path';
import { MydockerError } from '../../errors.ts';
import { DEFAULT_NAMES } from './default-names.ts';
import type { Inputs } from './inputs.ts';

/** Brings what a reference means to this machine and returns the path of the file or folder; throws a `MydockerError`. */
export type FetchRemote = (reference: string) => Promise<string>;

/** A load came to a reference that has not been fetched yet: it begins anew when that is done. */
export class NeedsRemoteFile extends Error {
  readonly reference: string;
  constructor(reference: string) {
    super(`not fetched yet: ${reference}`);
    this.reference = reference;
  }
}

/** The compose files of one load that are on other machines. */
export class RemoteFiles {
  readonly #fetch: FetchRemote | undefined;
  readonly #inputs: Inputs;
  readonly #found = new Map<string, string | MydockerError>();

  constructor(fetch: FetchRemote | undefined, inputs: Inputs) {
    this.#fetch = fetch;
    this.#inputs = inputs;
  }

  /** The local path of what is remote, or why it cannot be had; undefined for a path. Throws `NeedsRemoteFile` the first time. */
  find(reference: string): string | MydockerError | undefined {
    if (!isRemoteFile(reference)) return undefined;
    const found = this.#found.get(reference);
    if (found === undefined) throw new NeedsRemoteFile(reference);
    return found;
  }

  /** A failure is kept for `find`: who asks there knows the line. */
  async fetch(reference: string): Promise<void> {
    this.#inputs.forget();
    try {
      this.#found.set(reference, await this.#fetched(reference));
    } catch (error) {
      if (!(error instanceof MydockerError)) throw error;
      this.#found.set(reference, error);
    }
  }

  /** In a folder it is the file of the usual name. */
  async #fetched(reference: string): Promise<string> {
    if (this.#fetch === undefined) throw new MydockerError('unsupported', `remote files are not fetched here: ${reference}`);
    const path = await this.#fetch(reference);
    if (this.#inputs.kindOf(path) !== 'directory') return path;
    const file = DEFAULT_NAMES.map((name) => join(path, name)).find((candidate) => this.#inputs.kindOf(candidate) === 'file');
    if (file !== undefined) return file;
    throw new MydockerError('not-found', `there is no ${DEFAULT_NAMES.join(', ')} in ${reference}`, {
      hint: 'name the folder or the file: REPOSITORY#REF:PATH',
    });
  }
}

/** What Docker Compose would fetch: taken for a path, it would only be "not found". */
export function isRemoteFile(reference: string): boolean {
  return /^(?:(?:oci|https?|git|ssh|file):\/\/|git@|[\w.-]+@[\w.-]+:|github\.com\/)/.test(reference);
}
