import { spawn, type ChildProcess } from 'node:child_process';
import { readlinkSync } from 'node:fs';
import { expectSuccess, run, type RunOptions, type RunResult } from './run.ts';
import type { Sandbox } from './sandbox.ts';
import { until } from './until.ts';

/** Addresses for documentation (RFC 5737, RFC 3849): nobody has them. */
export const HOST = { v4: '198.51.100.1', second: '198.51.100.11', v6: '2001:db8:51::1' };
export const LAN = { v4: '198.51.100.2', v6: '2001:db8:51::2' };

/**
 * A host of its own, as far as the network goes: a namespace in which the sandbox' commands run until the end of the
 * test, and another machine on the same wire. What a test does to firewall and settings there touches nobody else.
 */
export class TestHost {
  readonly #host: ChildProcess;
  readonly #lan: ChildProcess;

  private constructor() {
    this.#host = namespaceHolder();
    this.#lan = namespaceHolder();
  }

  static async open(sandbox: Sandbox): Promise<TestHost> {
    const host = new TestHost();
    sandbox.afterTest(() => Promise.resolve(host.#close()));
    const own = readlinkSync('/proc/self/ns/net');
    await until('the namespaces are there', () =>
      [host.#host, host.#lan].every(({ pid }) => readlinkSync(`/proc/${String(pid)}/ns/net`) !== own),
    );
    await host.run('ip', ['link', 'add', 'lan0', 'type', 'veth', 'peer', 'name', 'eth0', 'netns', String(host.#lan.pid)]);
    for (const address of [`${HOST.v4}/24`, `${HOST.second}/24`, `${HOST.v6}/64`]) await host.run('ip', addressOn('lan0', address));
    for (const address of [`${LAN.v4}/24`, `${LAN.v6}/64`]) await host.onLan('ip', addressOn('eth0', address));
    for (const device of ['lo', 'lan0']) await host.run('ip', ['link', 'set', device, 'up']);
    for (const device of ['lo', 'eth0']) await host.onLan('ip', ['link', 'set', device, 'up']);
    sandbox.within(host.prefix());
    return host;
  }

  prefix(): readonly string[] {
    return ['nsenter', `--net=/proc/${String(this.#host.pid)}/ns/net`, '--'];
  }

  /** Standard output of a program in the host's network. */
  run(program: string, args: readonly string[], options?: RunOptions): Promise<string> {
    return succeed(this.#host, program, args, options);
  }
  /** On the other machine. */
  onLan(program: string, args: readonly string[], options?: RunOptions): Promise<string> {
    return succeed(this.#lan, program, args, options);
  }

  /** Body of an HTTP answer, asked from the other machine; throws when there is none. */
  async fetchFromLan(address: string): Promise<string> {
    return (await this.onLan('timeout', ['3', 'busybox', 'wget', '-q', '-O', '-', `http://${address}/`])).trim();
  }
  async reachesFromLan(address: string): Promise<boolean> {
    return this.fetchFromLan(address).then(
      () => true,
      () => false,
    );
  }

  /** Answers HTTP on the other machine and tells who asks. */
  listenOnLan(port: number): { readonly log: () => string } {
    const child = inNamespace(this.#lan, 'busybox', ['httpd', '-f', '-v', '-p', String(port), '-h', '/proc']);
    let log = '';
    child.stderr?.on('data', (chunk: Buffer) => (log += chunk.toString()));
    this.#servers.push(child);
    return { log: () => log };
  }
  /** Answers HTTP on the host itself. */
  listenOnHost(port: number): void {
    this.#servers.push(inNamespace(this.#host, 'busybox', ['httpd', '-f', '-p', String(port), '-h', '/proc']));
  }
  readonly #servers: ChildProcess[] = [];

  ruleset(): Promise<string> {
    return this.run('nft', ['list', 'ruleset']);
  }

  #close(): void {
    for (const child of [...this.#servers, this.#host, this.#lan]) child.kill('SIGKILL');
  }
}

function namespaceHolder(): ChildProcess {
  return spawn('unshare', ['--net', 'sleep', 'infinity'], { stdio: 'ignore' });
}

function inNamespace({ pid }: ChildProcess, program: string, args: readonly string[]): ChildProcess {
  return spawn('nsenter', [`--net=/proc/${String(pid)}/ns/net`, '--', program, ...args], { stdio: ['ignore', 'ignore', 'pipe'] });
}

async function succeed({ pid }: ChildProcess, program: string, args: readonly string[], options?: RunOptions): Promise<string> {
  const result: RunResult = await run('nsenter', [`--net=/proc/${String(pid)}/ns/net`, '--', program, ...args], options);
  return expectSuccess(result).stdout;
}

function addressOn(device: string, address: string): readonly string[] {
  return ['addr', 'add', address, 'dev', device, ...(address.includes(':') ? ['nodad'] : [])];
}
