import { afterAll, afterEach, beforeAll, beforeEach } from 'bun:test';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { rootfsTar } from './rootfs-tar.ts';
import { expectNothingToDo, planAfter } from './plan-after.ts';
import { readHostState, runRootFiles, type HostState } from './host-state.ts';
import { expectSuccess, run, type RunOptions, type RunResult } from './run.ts';
import { until } from './until.ts';

const dist = new URL('../../dist/', import.meta.url).pathname;

/** Where the executables under test are. */
export const executables = {
  mydocker: join(dist, 'mydocker'),
  compose: join(dist, 'mydocker-compose'),
  core: join(dist, 'mydocker-core'),
};

/** Roots of their own for one test file, and the executables run on them. */
export class Sandbox {
  /** Everything of this sandbox on disk; gone at the end. */
  readonly root = mkdtempSync('/var/tmp/mydocker-test-');
  readonly dataRoot = join(this.root, 'data');
  readonly runRoot = mkdtempSync('/run/mydt-');
  /** For compose files, bind sources and the like; emptied before each test. Also the commands' working directory. */
  readonly directory = join(this.root, 'project');
  readonly env: Readonly<Record<string, string>> = { MYDOCKER_DATA_ROOT: this.dataRoot, MYDOCKER_RUN_ROOT: this.runRoot };
  #before: HostState = new Set();
  #cleanups: (() => Promise<unknown>)[] = [];
  #prefix: readonly string[] = [];

  constructor() {
    mkdirSync(this.directory);
  }

  /** Until the end of the test the commands run within another one, such as `nsenter --net=…`. */
  within(prefix: readonly string[]): void {
    this.#prefix = prefix;
    this.afterTest(() => {
      this.#prefix = [];
      return Promise.resolve();
    });
  }
  #run(program: string, args: readonly string[], options: RunOptions): Promise<RunResult> {
    const [first = program, ...rest] = [...this.#prefix, program, ...args];
    return run(first, rest, { cwd: this.directory, ...options, env: { ...this.env, ...options.env } });
  }

  /** Runs `mydocker` and expects success; returns stdout without the final newline. */
  async mydocker(args: readonly string[], options?: RunOptions): Promise<string> {
    return expectSuccess(await this.tryMydocker(args, options)).stdout.trimEnd();
  }
  async tryMydocker(args: readonly string[], options: RunOptions = {}): Promise<RunResult> {
    return this.#run(executables.mydocker, args, options);
  }
  /** Runs `mydocker-compose` and expects success; returns stdout without the final newline. */
  async compose(args: readonly string[], options?: RunOptions): Promise<string> {
    return expectSuccess(await this.tryCompose(args, options)).stdout.trimEnd();
  }
  /** After an `up -d` that went well the plan must be empty; throws when it is not. */
  async tryCompose(args: readonly string[], options: RunOptions = {}): Promise<RunResult> {
    const result = await this.#run(executables.compose, args, options);
    const plan = result.status === 0 ? planAfter(args) : undefined;
    if (plan !== undefined) expectNothingToDo(await this.#run(executables.compose, plan, options));
    return result;
  }

  /** Writes a file below `directory` (folders are made) and returns its path. */
  write(name: string, content: string): string {
    const path = join(this.directory, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
    return path;
  }

  async importBusybox(name = 'busybox:latest'): Promise<void> {
    await this.mydocker(['import', '--change', 'CMD ["sh"]', await rootfsTar('busybox'), name]);
  }

  /** Runs after the test, whether it passed or not, before the check that nothing is left. */
  afterTest(cleanup: () => Promise<unknown>): void {
    this.#cleanups.push(cleanup);
  }
  async cleanUp(): Promise<void> {
    for (const cleanup of this.#cleanups.splice(0)) await cleanup();
    await this.removeContainers();
    await this.mydocker(['network', 'prune', '--force']);
  }

  /** What is on the host, or below the run root, that was not there before the test. */
  async leftovers(): Promise<string[]> {
    const now = await readHostState(this.runRoot);
    return [...[...now].filter((line) => !this.#before.has(line)), ...runRootFiles(this.runRoot)];
  }

  /** Fails with the list of what a test left behind; what is still going away gets a few seconds. */
  async expectNothingLeft(): Promise<void> {
    let left: string[] = [];
    try {
      await until('nothing is left', async () => (left = await this.leftovers()).length === 0, 5_000);
    } catch {
      throw new Error(`left behind:\n  ${left.join('\n  ')}`);
    }
  }

  async rememberHost(): Promise<void> {
    this.#before = await readHostState(this.runRoot);
  }

  /** What the supervisor of a running container has written. */
  async stateOf(name: string): Promise<{ readonly supervisor: { readonly pid: number }; readonly pid: number }> {
    const id = await this.mydocker(['inspect', '-f', '{{.Id}}', name]);
    return JSON.parse(readFileSync(join(this.runRoot, 'containers', id, 'state.json'), 'utf8')) as {
      readonly supervisor: { readonly pid: number };
      readonly pid: number;
    };
  }

  async removeContainers(): Promise<void> {
    const ids = (await this.mydocker(['ps', '-aq', '--no-trunc'])).split('\n').filter((id) => id !== '');
    if (ids.length > 0) await this.mydocker(['rm', '-f', '-v', ...ids]);
  }

  dispose(): void {
    rmSync(this.root, { recursive: true, force: true });
    rmSync(this.runRoot, { recursive: true, force: true });
  }
}

/** A sandbox for all tests of this file, with `busybox:latest` in it; after each test nothing of it may be left on the host. */
export function useSandbox(): Sandbox {
  if (!existsSync(executables.core)) throw new Error('dist/ is not built: npm run build');
  const sandbox = new Sandbox();
  beforeAll(async () => {
    await sandbox.importBusybox();
  });
  beforeEach(async () => {
    rmSync(sandbox.directory, { recursive: true, force: true });
    mkdirSync(sandbox.directory);
    await sandbox.rememberHost();
  });
  afterEach(async () => {
    await sandbox.cleanUp();
    await sandbox.expectNothingLeft();
  });
  afterAll(() => {
    sandbox.dispose();
  });
  return sandbox;
}
