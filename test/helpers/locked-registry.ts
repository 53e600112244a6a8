import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface LockedRegistry {
  /** `127.0.0.1:PORT`. */
  readonly address: string;
  /** `METHOD PATH` of what was answered with something else than 401. */
  readonly served: string[];
  close(): Promise<void>;
}

/** A registry that answers nothing without a login: `basic` by name and password, `bearer` by its token server, `identity` by tokens for tokens. */
export async function startLockedRegistry(kind: 'basic' | 'bearer' | 'identity', user: string, password: string): Promise<LockedRegistry> {
  const served: string[] = [];
  const basic = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://registry');
    const given = request.headers.authorization;
    if (url.pathname === '/token') {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () => {
        const byIdentity = new URLSearchParams(body).get('refresh_token') === 'identity of the user';
        const allowed = request.method === 'POST' ? byIdentity : given === basic;
        response.writeHead(allowed ? 200 : 401);
        const offline = kind === 'identity' && url.searchParams.get('offline_token') === 'true';
        response.end(allowed ? JSON.stringify({ token: 'pass', ...(offline ? { refresh_token: 'identity of the user' } : {}) }) : '{}');
      });
      return;
    }
    if (given !== (kind === 'basic' ? basic : 'Bearer pass')) {
      const challenge =
        kind === 'basic' ? 'Basic realm="locked"' : `Bearer realm="http://${request.headers.host ?? ''}/token",service="locked"`;
      response.writeHead(401, { 'WWW-Authenticate': challenge });
      response.end();
      return;
    }
    served.push(`${request.method ?? ''} ${url.pathname}`);
    response.writeHead(url.pathname === '/v2/' ? 200 : 404);
    response.end('{}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  return {
    address: `127.0.0.1:${String((server.address() as AddressInfo).port)}`,
    served,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
