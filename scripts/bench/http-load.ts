/** `http-load.ts URL [REQUESTS] [CONNECTIONS]`: keep-alive requests, one at a time per connection; prints `{perSecond, p99, failed}`. */
import { connect } from 'node:net';

const url = new URL(process.argv[2] ?? 'http://127.0.0.1:8080/');
const total = Number(process.argv[3] ?? 20_000);
const connections = Number(process.argv[4] ?? 16);
const request = `GET ${url.pathname} HTTP/1.1\r\nHost: ${url.host}\r\n\r\n`;
const latencies: number[] = [];
let sent = 0;
let failed = 0;

/** A new server may not listen yet. */
async function waitForServer(): Promise<void> {
  const deadline = performance.now() + 20_000;
  for (;;) {
    try {
      if ((await fetch(url)).ok) return;
    } catch (error) {
      if (performance.now() > deadline) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Resolves when no request is left; a broken connection counts as a failed request and is made anew. */
async function work(): Promise<void> {
  while (sent < total) {
    await new Promise<void>((resolve) => {
      const socket = connect(Number(url.port || 80), url.hostname);
      let buffer = '';
      let started = 0;
      let waiting = false;
      const next = (): void => {
        waiting = sent < total;
        if (!waiting) {
          socket.end();
          return;
        }
        sent++;
        started = performance.now();
        socket.write(request);
      };
      socket.setNoDelay(true);
      socket.on('connect', next);
      socket.on('data', (chunk) => {
        buffer += chunk.toString('latin1');
        const head = buffer.indexOf('\r\n\r\n');
        if (head === -1) return;
        const length = Number(/^content-length: *(\d+)/im.exec(buffer)?.[1] ?? 0);
        if (buffer.length < head + 4 + length) return;
        if (!buffer.startsWith('HTTP/1.1 200')) failed++;
        latencies.push(performance.now() - started);
        // A server ends a connection after so many requests and says so before.
        const last = /^connection: *close/im.test(buffer.slice(0, head));
        buffer = '';
        waiting = false;
        if (last) socket.end();
        else next();
      });
      socket.on('error', () => undefined);
      socket.on('close', () => {
        if (waiting) failed++;
        resolve();
      });
    });
  }
}

await waitForServer();
const begin = performance.now();
await Promise.all(Array.from({ length: connections }, work));
const seconds = (performance.now() - begin) / 1000;
latencies.sort((a, b) => a - b);
console.log(JSON.stringify({ perSecond: latencies.length / seconds, p99: latencies[Math.floor(latencies.length * 0.99)] ?? 0, failed }));
