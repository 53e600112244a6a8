import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { MydockerError } from '../../errors.ts';
import { errnoOf } from '../../util/errno.ts';

export interface Digested {
  /** `sha256:…`. */
  readonly digest: string;
  readonly size: number;
}

export function digestOf(data: string | Uint8Array): string {
  return `sha256:${createHash('sha256').update(data).digest('hex')}`;
}

/** Writes the stream to a new file, on disk when it returns, and tells its digest. */
export async function writeDigested(path: string, source: AsyncIterable<Uint8Array>): Promise<Digested> {
  const hash = createHash('sha256');
  let size = 0;
  const file = await open(path, 'wx', 0o600);
  try {
    for await (const chunk of source) {
      hash.update(chunk);
      for (let done = 0; done < chunk.length;) done += (await file.write(chunk, done)).bytesWritten;
      size += chunk.length;
    }
    await file.sync();
  } catch (error) {
    if (errnoOf(error) !== 'ENOSPC' && errnoOf(error) !== 'EDQUOT') throw error;
    throw new MydockerError('host', `no space left to write ${path}`, { cause: error, hint: 'Free some disk space and run it again.' });
  } finally {
    await file.close();
  }
  return { digest: `sha256:${hash.digest('hex')}`, size };
}

/** Passes a stream on and knows its digest when it has ended. */
export class DigestTap {
  readonly #hash = createHash('sha256');
  size = 0;

  async *through(source: Readable): AsyncGenerator<Uint8Array> {
    for await (const chunk of source as AsyncIterable<Uint8Array>) {
      this.#hash.update(chunk);
      this.size += chunk.length;
      yield chunk;
    }
  }

  /** Only once, after the end. */
  digest(): string {
    return `sha256:${this.#hash.digest('hex')}`;
  }
}
