import { createWriteStream } from 'node:fs';
import { utimes } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { MydockerError } from '../../errors.ts';

export function isUrl(source: string): boolean {
  return /^https?:\/\//.test(source);
}

/** Downloads to a file of the folder, mode 0600 as Docker does, and returns its name. */
export async function fetchFile(url: string, folder: string): Promise<string> {
  const name = basename(new URL(url).pathname);
  if (name === '')
    throw new MydockerError('invalid', `${url} does not end with a file's name`, { hint: 'Download it in a RUN instruction instead.' });
  const response = await fetch(url).catch((cause: unknown) => {
    throw new MydockerError('runtime', `${url} cannot be reached`, { cause });
  });
  if (!response.ok || response.body === null)
    throw new MydockerError('runtime', `${url}: ${String(response.status)} ${response.statusText}`);
  const path = join(folder, name);
  await pipeline(Readable.fromWeb(response.body), createWriteStream(path, { mode: 0o600, flags: 'wx' }));
  const modified = Date.parse(response.headers.get('last-modified') ?? '');
  if (!Number.isNaN(modified)) await utimes(path, modified / 1000, modified / 1000);
  return name;
}
