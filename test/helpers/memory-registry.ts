import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface MemoryRegistry {
  /** `127.0.0.1:PORT`. */
  readonly address: string;
  close(): Promise<void>;
}

interface Blob {
  readonly data: Buffer;
  readonly type: string;
}

/**
 * A registry without locks that can be pushed to: the part of the OCI distribution specification that clients use. It takes an upload
 * only when its digest is right, and a manifest only when it has everything that the manifest names.
 */
export async function startMemoryRegistry(): Promise<MemoryRegistry> {
  const content = new Map<string, Blob>();
  const tags = new Map<string, string>();

  function put(data: Buffer, type: string): string {
    const digest = `sha256:${createHash('sha256').update(data).digest('hex')}`;
    content.set(digest, { data, type });
    return digest;
  }

  function takeManifest(path: string, data: Buffer, type: string): number {
    const { config, layers } = JSON.parse(data.toString()) as { config: { digest: string }; layers: readonly { digest: string }[] };
    if (![config, ...layers].every(({ digest }) => content.has(digest))) return 400;
    tags.set(path, put(data, type));
    return 201;
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://registry');
    const method = request.method ?? 'GET';
    const body = await bodyOf(request);
    if (method === 'POST') response.writeHead(202, { Location: `${pathname}upload` }).end();
    else if (method === 'PUT' && pathname.includes('/blobs/')) {
      const right = put(body, 'application/octet-stream') === searchParams.get('digest');
      response.writeHead(right ? 201 : 400).end();
    } else if (method === 'PUT') response.writeHead(takeManifest(pathname, body, request.headers['content-type'] ?? '')).end();
    else {
      const name = pathname.split('/').at(-1) ?? '';
      const digest = tags.get(pathname) ?? name;
      const found = content.get(digest);
      if (found === undefined) response.writeHead(pathname === '/v2/' ? 200 : 404).end();
      else {
        response.writeHead(200, { 'Content-Type': found.type, 'Content-Length': found.data.length, 'Docker-Content-Digest': digest });
        response.end(method === 'HEAD' ? undefined : found.data);
      }
    }
  }

  const server = createServer((request, response) => {
    // A client that was killed in the middle of an upload.
    answer(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  return {
    address: `127.0.0.1:${String((server.address() as AddressInfo).port)}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
