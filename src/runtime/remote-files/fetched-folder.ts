import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { randomHex } from '../../util/random.ts';
import { sha256 } from '../../util/sha256.ts';

/** What is fetched: one version of something that is on another machine. */
export interface Fetched {
  /** Where it comes from, whatever the version. */
  readonly origin: string;
  /** A commit, or the hex digits of a digest. */
  readonly version: string;
  /** Of the folder: it names the project where nothing else does. */
  readonly name: string;
}

/**
 * The folder `HASH-OF-ORIGIN/VERSION/NAME` below `cache`. Where it is not there, `make` makes it at the path it is given; it appears
 * whole or not at all, also when two commands fetch it at once.
 */
export async function fetchedFolder(
  cache: string,
  { origin, version, name }: Fetched,
  make: (path: string) => Promise<unknown>,
): Promise<string> {
  const folder = join(cache, sha256(origin).slice(0, 12), version, name);
  if (existsSync(folder)) return folder;
  const made = `${dirname(folder)}.${randomHex(4)}`;
  await mkdir(dirname(folder), { recursive: true, mode: 0o700 });
  try {
    await make(made);
    await rename(made, folder).catch((error: unknown) => {
      if (!existsSync(folder)) throw error;
    });
  } finally {
    await rm(made, { recursive: true, force: true });
  }
  return folder;
}
