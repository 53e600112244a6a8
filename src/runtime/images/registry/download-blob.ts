import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { MydockerError } from '../../../errors.ts';
import type { Descriptor } from '../../store/image-records.ts';
import type { RegistryClient } from './registry-client.ts';

const ATTEMPTS = 5;

/** Downloads a blob to a new file and checks its digest; a connection that breaks is taken up where it ended. */
export async function downloadBlob(
  client: RegistryClient,
  { digest, size }: Descriptor,
  path: string,
  onBytes: (received: number) => void,
): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  let hash = createHash('sha256');
  let received = 0;
  try {
    for (let attempt = 1; received < size || attempt === 1; attempt++) {
      const response = await client.request(`blobs/${digest}`, received > 0 ? { headers: { Range: `bytes=${String(received)}-` } } : {});
      // A registry that knows no ranges starts again.
      if (received > 0 && response.status !== 206) {
        hash = createHash('sha256');
        received = 0;
        await file.truncate(0);
      }
      try {
        for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
          await file.write(chunk, 0, chunk.length, received);
          hash.update(chunk);
          received += chunk.length;
          if (received > size) throw new MydockerError('invalid', `the registry sends more than the ${String(size)} bytes of ${digest}`);
          onBytes(received);
        }
      } catch (error) {
        if (error instanceof MydockerError || attempt >= ATTEMPTS) throw error;
      }
      if (attempt >= ATTEMPTS && received < size) throw new MydockerError('host', `the download of ${digest} broke off again and again`);
    }
    await file.sync();
  } finally {
    await file.close();
  }
  const found = `sha256:${hash.digest('hex')}`;
  if (found !== digest) throw new MydockerError('invalid', `the registry sent ${found} in place of ${digest}`);
}
