import { spawn } from 'node:child_process';
import { PassThrough, type Readable } from 'node:stream';
import { pipeline } from 'node:stream';
import * as zlib from 'node:zlib';
import { MydockerError } from '../../errors.ts';
import { errnoOf } from '../../util/errno.ts';

export type Compression = 'none' | 'gzip' | 'zstd' | 'xz' | 'bzip2';

const MAGIC: readonly (readonly [Compression, readonly number[]])[] = [
  ['gzip', [0x1f, 0x8b]],
  ['zstd', [0x28, 0xb5, 0x2f, 0xfd]],
  ['xz', [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]],
  ['bzip2', [0x42, 0x5a, 0x68]],
];

/** How the stream is compressed, by its first bytes. */
export function detectCompression(head: Uint8Array): Compression {
  return MAGIC.find(([, bytes]) => bytes.every((byte, index) => head[index] === byte))?.[0] ?? 'none';
}

/** The plain bytes of a stream that may be compressed. An error of the source or of the decoder comes out of the result. */
export async function decompress(source: Readable): Promise<Readable> {
  const { head, rest } = await peek(source);
  const compression = detectCompression(head);
  switch (compression) {
    case 'none':
      return rest;
    case 'gzip':
      return through(rest, zlib.createGunzip());
    case 'zstd':
      return through(rest, createZstdDecompress());
    case 'xz':
    case 'bzip2':
      return filter(rest, compression);
  }
}

async function peek(source: Readable): Promise<{ head: Uint8Array; rest: Readable }> {
  const chunks: Uint8Array[] = [];
  const iterator = source[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>;
  let size = 0;
  while (size < 6) {
    const next = await iterator.next();
    if (next.done === true) break;
    chunks.push(next.value);
    size += next.value.length;
  }
  const rest = new PassThrough();
  void (async () => {
    for (const chunk of chunks) await write(rest, chunk);
    for (;;) {
      const next = await iterator.next();
      if (next.done === true) break;
      await write(rest, next.value);
    }
    rest.end();
  })().catch((error: unknown) => rest.destroy(error instanceof Error ? error : new Error(String(error))));
  return { head: Buffer.concat(chunks), rest };
}

async function write(target: PassThrough, chunk: Uint8Array): Promise<void> {
  if (target.destroyed) throw new Error('nobody reads any more');
  if (target.write(chunk)) return;
  await new Promise<void>((resolve) => {
    const done = (): void => {
      target.off('drain', done);
      target.off('close', done);
      resolve();
    };
    target.on('drain', done);
    target.on('close', done);
  });
}

function through(source: Readable, decoder: NodeJS.ReadWriteStream): Readable {
  const result = new PassThrough();
  pipeline(source, decoder, result, () => undefined); // an error destroys `result` with it
  return result;
}

function createZstdDecompress(): NodeJS.ReadWriteStream {
  if (typeof zlib.createZstdDecompress === 'function') return zlib.createZstdDecompress();
  throw new MydockerError('unsupported', 'zstd needs a newer JavaScript runtime', { hint: 'Use the executable made by the build.' });
}

/** A program of the host does it, as with Docker. */
function filter(source: Readable, program: 'xz' | 'bzip2'): Readable {
  const child = spawn(program, ['-d', '-c'], { stdio: ['pipe', 'pipe', 'inherit'] });
  const result = new PassThrough();
  const exited = new Promise<number>((resolve) => {
    child.on('exit', (code) => resolve(code ?? 1));
    child.on('error', (error) => {
      const missing = errnoOf(error) === 'ENOENT';
      const hint = missing ? { hint: `Install ${program === 'xz' ? 'xz-utils' : program}, or decompress the archive first.` } : {};
      result.destroy(new MydockerError('host', `${program} cannot be run`, { cause: error, ...hint }));
      resolve(1);
    });
  });
  pipeline(source, child.stdin, () => undefined); // told by the exit status
  child.stdout.pipe(result, { end: false });
  child.stdout.on('end', () => {
    void exited.then((code) => {
      if (code === 0) result.end();
      else result.destroy(new MydockerError('invalid', `${program} cannot decompress the archive`));
    });
  });
  return result;
}
