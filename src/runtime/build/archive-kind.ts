import { createReadStream } from 'node:fs';
import { decompress, detectCompression } from '../images/decompress.ts';

/** A tar archive, plain or compressed: `ustar` stands at byte 257 of its first block. */
export async function isArchive(path: string): Promise<boolean> {
  const head = await firstBytes(createReadStream(path, { end: 511 }));
  if (detectCompression(head) === 'none') return hasTarMagic(head);
  try {
    return hasTarMagic(await firstBytes(await decompress(createReadStream(path))));
  } catch {
    return false; // it only looked compressed
  }
}

async function firstBytes(stream: AsyncIterable<unknown> & { destroy(): unknown }): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of stream) {
    chunks.push(chunk as Uint8Array);
    size += (chunk as Uint8Array).length;
    if (size >= 512) break;
  }
  stream.destroy();
  return Buffer.concat(chunks);
}

function hasTarMagic(head: Uint8Array): boolean {
  return Buffer.from(head.subarray(257, 262)).toString('latin1') === 'ustar';
}
