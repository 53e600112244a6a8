import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

const MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
const INDEX = 'application/vnd.oci.image.index.v1+json';

export interface FakeRegistry {
  /** `127.0.0.1:PORT`. */
  readonly address: string;
  /** Paths that were asked for, in order. */
  readonly requests: string[];
  /** What to do to the next download of this blob: break it off after some bytes, or send something else. */
  readonly mischief: Map<string, 'break' | 'lie'>;
  addBlob(data: Uint8Array): { readonly digest: string; readonly size: number };
  /** An image under a tag, inside an index that also has another platform. */
  addImage(tag: string, config: object, layers: readonly { readonly data: Uint8Array; readonly mediaType: string }[]): void;
  close(): Promise<void>;
}

/** A registry in memory that wants a token, serves an index of several platforms, and misbehaves when told to. */
export async function startFakeRegistry(): Promise<FakeRegistry> {
  const blobs = new Map<string, Uint8Array>();
  const tags = new Map<string, string>();
  const requests: string[] = [];
  const mischief: FakeRegistry['mischief'] = new Map();
  const server = createServer((request, response) => serve(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  const address = `127.0.0.1:${(server.address() as AddressInfo).port}`;

  function serve(request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url ?? '/', `http://${address}`);
    if (url.pathname === '/token') {
      response.end(JSON.stringify({ token: `for ${url.searchParams.get('scope') ?? ''}` }));
      return;
    }
    requests.push(`${request.headers.range ?? ''}${url.pathname}`);
    if (request.headers.authorization !== 'Bearer for repository:team/app:pull') {
      response.writeHead(401, { 'WWW-Authenticate': `Bearer realm="http://${address}/token",service="test"` });
      response.end();
      return;
    }
    const [kind = '', name = ''] = url.pathname.split('/').slice(-2);
    const digest = tags.get(name) ?? name;
    const data = blobs.get(digest);
    if (data === undefined) {
      response.writeHead(404);
      response.end('{"errors":[{"code":"MANIFEST_UNKNOWN","message":"manifest unknown"}]}');
      return;
    }
    const type = kind === 'manifests' ? (Buffer.from(data).includes('"manifests"') ? INDEX : MANIFEST) : 'application/octet-stream';
    sendBlob(request, response, digest, Buffer.from(data), type);
  }

  function sendBlob(request: IncomingMessage, response: ServerResponse, digest: string, data: Buffer, type: string): void {
    const wish = mischief.get(digest);
    mischief.delete(digest);
    const start = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
    response.writeHead(start > 0 ? 206 : 200, { 'Content-Type': type, 'Content-Length': data.length - start });
    if (wish === 'lie') response.end(Buffer.alloc(data.length, 'x'));
    else if (wish === 'break') response.write(data.subarray(0, 100), () => response.destroy());
    else response.end(data.subarray(start));
  }

  const addBlob: FakeRegistry['addBlob'] = (data) => {
    const digest = `sha256:${createHash('sha256').update(data).digest('hex')}`;
    blobs.set(digest, data);
    return { digest, size: data.length };
  };
  return {
    address,
    requests,
    mischief,
    addBlob,
    addImage(tag, config, layers) {
      const manifest = {
        schemaVersion: 2,
        mediaType: MANIFEST,
        config: { mediaType: 'application/vnd.oci.image.config.v1+json', ...addBlob(Buffer.from(JSON.stringify(config))) },
        layers: layers.map(({ data, mediaType }) => ({ mediaType, ...addBlob(data) })),
      };
      const own = {
        mediaType: MANIFEST,
        ...addBlob(Buffer.from(JSON.stringify(manifest))),
        platform: { os: 'linux', architecture: goArchitecture() },
      };
      const other = {
        mediaType: MANIFEST,
        digest: `sha256:${'0'.repeat(64)}`,
        size: 1,
        platform: { os: 'linux', architecture: 'riscv64' },
      };
      tags.set(tag, addBlob(Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: INDEX, manifests: [other, own] }))).digest);
    },
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

function goArchitecture(): string {
  return process.arch === 'x64' ? 'amd64' : process.arch;
}
