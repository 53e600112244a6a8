import { request } from 'node:http';
import type { Sandbox } from './sandbox.ts';

/** What a compose project's containers see of their network. */
export class ComposeNetwork {
  readonly #sandbox: Sandbox;
  readonly #project: readonly string[];

  constructor(sandbox: Sandbox, project?: string) {
    this.#sandbox = sandbox;
    this.#project = project === undefined ? [] : ['-p', project];
  }

  compose(...args: readonly string[]): Promise<string> {
    return this.#sandbox.compose([...this.#project, ...args]);
  }

  /** Standard output of a script in a service's container; throws when it fails. */
  sh(service: string, script: string, index = 1): Promise<string> {
    return this.compose('exec', '-T', '--index', String(index), service, 'sh', '-c', script);
  }

  async succeeds(service: string, script: string): Promise<boolean> {
    const result = await this.#sandbox.tryCompose([...this.#project, 'exec', '-T', service, 'sh', '-c', script]);
    return result.status === 0;
  }

  /** The addresses a name has inside a service's container, sorted; none when it is not known. */
  async addresses(service: string, name: string, type: 'a' | 'aaaa' = 'a'): Promise<readonly string[]> {
    const text = await this.sh(service, `nslookup -type=${type} ${name} 2>&1 || true`);
    const answer = text.slice(text.indexOf('\n\n'));
    return [...answer.matchAll(/^Address: (\S+)$/gm)].map(([, address = '']) => address).toSorted();
  }

  /** The IPv4 addresses of a container's interfaces, in the order of the interfaces. */
  async own(service: string, index = 1): Promise<readonly string[]> {
    const text = await this.sh(service, 'ip -4 -o addr show scope global', index);
    return [...text.matchAll(/inet ([\d.]+)/g)].map(([, address = '']) => address);
  }

  /** Body of an HTTP answer, asked from inside a container. */
  fetch(service: string, url: string): Promise<string> {
    return this.sh(service, `timeout 4 wget -q -O - http://${url}/`);
  }

  reaches(service: string, url: string): Promise<boolean> {
    return this.succeeds(service, `timeout 2 wget -q -O - http://${url}/`);
  }
}

/** Body of an HTTP answer, asked from the host; a connection of its own each time. */
export function fetchFromHost(port: number, host = '127.0.0.1'): Promise<string> {
  return new Promise((resolve, reject) => {
    const sent = request({ host, port, agent: false, timeout: 3000 }, (answer) => {
      let body = '';
      answer.setEncoding('utf8');
      answer.on('data', (chunk: string) => (body += chunk));
      answer.on('end', () => resolve(body.trim()));
      answer.on('error', reject);
    });
    sent.on('timeout', () => sent.destroy(new Error(`no answer from ${host}:${port}`)));
    sent.on('error', reject);
    sent.end();
  });
}

/** A service that answers with its host name. */
export const WEB = `image: busybox, init: true, command: "sh -c 'hostname > /tmp/index.html; exec httpd -f -p 80 -h /tmp'"`;
/** A service that only waits. */
export const IDLE = 'image: busybox, init: true, command: sleep 1d';
