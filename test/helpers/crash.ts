import { expect } from 'bun:test';
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { lstatSync, readFileSync, readdirSync, readlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { coreProcesses } from './processes.ts';
import { expectSuccess, run } from './run.ts';
import { executables, type Sandbox } from './sandbox.ts';
import { until } from './until.ts';

/** kill -9 at random moments. CRASH_SEED repeats a run, CRASH_ROUNDS (how often each command is killed) makes it longer or shorter. */
export const crashSeed = Number(process.env['CRASH_SEED'] ?? Date.now() % 1_000_000);

export function crashRounds(few: number): number {
  return Number(process.env['CRASH_ROUNDS'] ?? few);
}

/** `asked`: the command is not killed but gets a signal that asks it to end. */
export type Victim = 'cli' | 'core' | 'supervisor' | 'asked';
const ENDINGS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** A linear congruential generator: the same seed gives the same moments. */
export function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32;
    return state / 2 ** 32;
  };
}

/** What is left of an endless command when its victim was another one gets this long (ms) to notice. */
const LINGER = 300;

export interface Kill {
  readonly victim: Victim;
  /** Milliseconds. */
  readonly delay: number;
  /** Chooses among several of the kind, or among signals; 0 to 1. */
  readonly choice: number;
  /** The command does not end by itself. */
  readonly endless?: boolean;
  /** A shell script that runs beside the command, until the kill. */
  readonly during?: string;
}

/** Starts a command, kills the victim after the delay (if it is there by then), and waits for the command's end. */
export async function killDuring(sandbox: Sandbox, program: string, args: readonly string[], kill: Kill): Promise<void> {
  const options = { cwd: sandbox.directory, env: commandEnv(sandbox), stdio: 'ignore' } as const;
  const child = spawn(program, args, options);
  const beside = kill.during === undefined ? undefined : spawn('sh', ['-ec', kill.during], options);
  const ended = new Promise<void>((resolve) => child.on('close', () => resolve()));
  const pause = (milliseconds: number): Promise<unknown> =>
    Promise.race([new Promise((resolve) => setTimeout(resolve, milliseconds)), ended]);
  await pause(kill.delay);
  if (kill.victim === 'cli') child.kill('SIGKILL');
  else if (kill.victim === 'asked') child.kill(ENDINGS[Math.floor(kill.choice * ENDINGS.length)]);
  else {
    const targets = coreProcesses(sandbox).filter(({ role }) => (role === 'serve') === (kill.victim === 'core'));
    const target = targets[Math.floor(kill.choice * targets.length)];
    if (target !== undefined) await killDead(sandbox, target.pid);
  }
  if (kill.endless === true) {
    await pause(LINGER);
    child.kill('SIGKILL');
  }
  beside?.kill('SIGKILL');
  await ended;
}

/** On a busy machine a killed process is there for a while, and what looks at it then sees it run. */
async function killDead(sandbox: Sandbox, pid: number): Promise<void> {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    return; // it ended in between
  }
  await until('the victim is dead', () => coreProcesses(sandbox).every((other) => other.pid !== pid));
}

/** With our programs in PATH. */
function commandEnv(sandbox: Sandbox): Record<string, string | undefined> {
  return { ...process.env, ...sandbox.env, PATH: `${dirname(executables.core)}:${process.env['PATH'] ?? ''}` };
}

/** Names, kinds, owners, modes and bytes of a tree. */
export function fingerprint(folder: string): string {
  const hash = createHash('sha256');
  const walk = (path: string): void => {
    const { mode, uid, gid, size, mtimeMs } = lstatSync(path);
    hash.update(`${path} ${mode} ${uid} ${gid} ${size} ${mtimeMs}\n`);
    if ((mode & 0o170000) === 0o040000) for (const name of readdirSync(path).sort()) walk(join(path, name));
    else if ((mode & 0o170000) === 0o120000) hash.update(readlinkSync(path));
    else hash.update(readFileSync(path));
  };
  walk(folder);
  return hash.digest('hex');
}

/** Fills a volume that a running container has at /data; the shell commands. */
export const FILL =
  'mkdir -p /data/a/b; seq 1 20000 > /data/a/numbers; ln -s numbers /data/a/link; chown -R 1000:50 /data/a; chmod 640 /data/a/numbers';

/** One command that is killed. The scripts find `mydocker` and `mydocker-compose` in PATH and end at the first failure. */
export interface CrashScenario {
  /** Program and arguments. */
  readonly command: readonly [string, ...string[]];
  /** Reaches the state that the command starts from, out of `reset`'s. */
  readonly before?: string;
  /** What must work right after the kill; by default: `reset`, `before` and the whole command. */
  readonly again?: string;
  /** What the command must have brought about when it was done again. */
  readonly after?: string;
  readonly endless?: boolean;
  /** A script that runs beside the command, so that it has something to do. */
  readonly during?: string;
}

/** Everything that reads records: none may stumble over what a killed command left. */
const LISTINGS = `
mydocker ps -a; mydocker images -a; mydocker volume ls; mydocker network ls; mydocker-compose ls -a
mydocker ps -aq | xargs -r mydocker inspect
mydocker volume ls -q | xargs -r mydocker volume inspect
mydocker network ls -q | xargs -r mydocker network inspect
`;

export class CrashBench {
  readonly #sandbox: Sandbox;
  readonly #reset: string;
  #protected: { readonly folder: string; readonly print: string } | undefined;

  /** `reset`: from any state to the one with nothing running and nothing made, but for the volume `keep`. */
  constructor(sandbox: Sandbox, reset: string) {
    this.#sandbox = sandbox;
    this.#reset = reset;
  }

  async shell(script: string): Promise<void> {
    const env = { ...this.#sandbox.env, PATH: commandEnv(this.#sandbox)['PATH'] ?? '' };
    const result = expectSuccess(await run('sh', ['-ec', script], { cwd: this.#sandbox.directory, env, timeout: 60_000 }));
    if (/unexpected error|corrupt|cannot be read|\n +at /.test(result.stderr)) throw new Error(`${script}\nsaid: ${result.stderr}`);
  }

  /** The volume `keep`, as every later moment must find it. */
  async protect(): Promise<void> {
    await this.shell(`mydocker run --rm --network none -v keep:/data busybox sh -c '${FILL}'`);
    const folder = await this.#sandbox.mydocker(['volume', 'inspect', '-f', '{{.Mountpoint}}', 'keep']);
    this.#protected = { folder, print: fingerprint(folder) };
  }

  async run(scenario: CrashScenario, rounds: number): Promise<void> {
    const typical = await this.#typical(scenario);
    const random = randomFrom(crashSeed);
    for (let round = 0; round < rounds; round++) {
      // The seed decides the victim too: a few rounds do not always kill the same ones.
      const victim = (['cli', 'core', 'supervisor', 'asked'] as const)[Math.floor(random() * 4)]!;
      const { endless = false, during } = scenario;
      const kill = { victim, delay: random() * typical * 1.1, choice: random(), endless, ...(during === undefined ? {} : { during }) };
      try {
        await this.#round(scenario, kill);
      } catch (error) {
        throw new Error(
          `CRASH_SEED=${crashSeed}, round ${round}: killed the ${victim} after ${kill.delay.toFixed(1)} ms\n${String(error)}`,
          {
            cause: error,
          },
        );
      }
    }
  }

  async #typical({ command, before = '', endless }: CrashScenario): Promise<number> {
    await this.shell(this.#reset);
    await this.shell(before);
    const started = performance.now();
    if (endless === true) return 1500;
    await this.shell(quoted(command));
    const typical = performance.now() - started;
    return typical;
  }

  async #round({ command: [program, ...args], before = '', again, after = '', endless }: CrashScenario, kill: Kill): Promise<void> {
    await this.shell(this.#reset);
    await this.shell(before);
    await killDuring(this.#sandbox, program, args, kill);
    await this.shell(LISTINGS);
    this.#expectKept();
    const whole = `${this.#reset}\n${before}\n${endless === true ? '' : quoted([program, ...args])}`;
    await this.shell(`${again ?? whole}\n${after}`);
    await this.shell(this.#reset);
    await this.#sandbox.expectNothingLeft();
    this.#expectNoLitter();
    this.#expectKept();
  }

  #expectKept(): void {
    if (this.#protected !== undefined) expect(fingerprint(this.#protected.folder)).toBe(this.#protected.print);
  }

  /** What was being made or removed is gone from the data root. */
  #expectNoLitter(): void {
    const { dataRoot } = this.#sandbox;
    const litter = ['tmp', 'trash', 'containers', 'names/containers'].flatMap((folder) =>
      names(join(dataRoot, folder)).map((name) => `${folder}/${name}`),
    );
    expect(litter).toEqual([]);
  }
}

function names(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function quoted(words: readonly string[]): string {
  return words.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' ');
}
