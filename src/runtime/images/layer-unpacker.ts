import { createReadStream } from 'node:fs';
import { mkdir, open } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { MydockerError } from '../../errors.ts';
import type { Descriptor } from '../store/image-records.ts';
import { hexOf } from '../store/layer-path.ts';
import { unpack, type ArchiveResult } from './core-program.ts';
import { decompress } from './decompress.ts';
import { DigestTap } from './digesting.ts';
import type { StagedLayer } from './image-library.ts';

export interface UnpackOptions {
  /** An archive of which the digest is known need not have its end marker. */
  readonly endOptional?: boolean;
}

/** Unpacks a plain tar file, whose digest (just computed while it was written) is the layer's diff id, too. */
export async function unpackPlainLayer(
  corePath: string,
  staging: string,
  tarPath: string,
  blob: Descriptor,
  options: UnpackOptions = {},
): Promise<StagedLayer> {
  const diffId = blob.digest;
  const { path, args } = await prepare(staging, diffId, options);
  const file = await open(tarPath, 'r');
  try {
    return staged(blob, diffId, path, await unpack(corePath, args, file.fd));
  } finally {
    await file.close();
  }
}

/** Unpacks a layer's blob, compressed or not, and checks that its content is what the config says it is. */
export async function unpackLayerBlob(
  corePath: string,
  staging: string,
  blobPath: string,
  blob: Descriptor,
  diffId: string,
): Promise<StagedLayer> {
  const { path, args } = await prepare(staging, diffId, { endOptional: true });
  const tap = new DigestTap();
  const plain = await decompress(createReadStream(blobPath, { highWaterMark: 1 << 18 }));
  const result = await unpack(corePath, args, Readable.from(tap.through(plain), { objectMode: false }));
  const found = tap.digest();
  if (found !== diffId) {
    throw new MydockerError('invalid', `the layer's content has the digest ${found}, the image's config says ${diffId}`, {
      hint: 'The archive is damaged or was tampered with; get it again.',
    });
  }
  return staged(blob, diffId, path, result);
}

async function prepare(staging: string, diffId: string, { endOptional = false }: UnpackOptions): Promise<{ path: string; args: string[] }> {
  const path = join(staging, `layer-${hexOf(diffId)}`);
  await mkdir(path, { mode: 0o755 });
  return { path, args: ['--mode', 'layer', '--root', path, '--sync', ...(endOptional ? ['--end-optional'] : [])] };
}

function staged(blob: Descriptor, diffId: string, path: string, { entries, bytes }: ArchiveResult): StagedLayer {
  return { diffId, path, blob, size: bytes, entries };
}
