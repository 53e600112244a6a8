import { lstat, readFile, realpath } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { MydockerError } from '../../errors.ts';

/** The files of an unpacked archive that somebody else made: a path that leads out of it, or is no plain file, is refused. */
export class ArchiveReader {
  readonly #root: string;

  constructor(root: string) {
    this.#root = root;
  }

  /** The real path of a plain file in the archive; undefined when there is none. Links inside are followed: old archives share layers so. */
  async find(name: string): Promise<string | undefined> {
    const root = await realpath(this.#root);
    let path: string;
    try {
      path = await realpath(join(root, name));
    } catch {
      return undefined;
    }
    if (!path.startsWith(root + sep)) throw new MydockerError('invalid', `${name} in the archive leads outside of it`);
    return (await lstat(path)).isFile() ? path : undefined;
  }

  async path(name: string): Promise<string> {
    const path = await this.find(name);
    if (path === undefined) throw new MydockerError('invalid', `the archive has no file ${name}`);
    return path;
  }

  async bytes(name: string): Promise<Buffer> {
    const path = await this.path(name);
    const { size } = await lstat(path);
    if (size > MAX_METADATA) throw new MydockerError('invalid', `${name} in the archive is too large (${String(size)} bytes)`);
    return readFile(path);
  }
}

const MAX_METADATA = 8 << 20;

export function parseArchiveJson(name: string, data: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(data).toString());
  } catch (error) {
    throw new MydockerError('invalid', `${name} in the archive is not JSON`, { cause: error });
  }
}
