import { MydockerError } from '../../../errors.ts';
import type { Descriptor } from '../../store/image-records.ts';
import type { RegistryClient } from './registry-client.ts';

type Blob = Pick<Descriptor, 'digest' | 'size'>;

export async function hasBlob(client: RegistryClient, { digest }: Blob): Promise<boolean> {
  const answer = await client.request(`blobs/${digest}`, { method: 'HEAD', actions: 'pull,push', accept: [404] });
  return answer.ok;
}

/** Gives the repository a blob that it does not have. */
export async function uploadBlob(client: RegistryClient, { digest, size }: Blob, body: NonNullable<RequestInit['body']>): Promise<void> {
  const started = await client.request('blobs/uploads/', { method: 'POST', actions: 'pull,push', headers: { 'Content-Length': '0' } });
  const location = started.headers.get('location');
  if (location === null) throw new MydockerError('host', 'the registry does not say where to upload to');
  const url = new URL(location, started.url);
  url.searchParams.set('digest', digest);
  await client.request(url.href, {
    method: 'PUT',
    actions: 'pull,push',
    headers: { 'Content-Type': 'application/octet-stream', 'Content-Length': String(size) },
    body,
  });
}
