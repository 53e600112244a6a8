import { dirname } from 'node:path';
import { killDuring, randomFrom } from './crash.ts';
import { run, type RunResult } from './run.ts';
import { executables, type Sandbox } from './sandbox.ts';

/** One command of a crowd. */
export interface CrowdCommand {
  /** Program and arguments. */
  readonly words: readonly [program: 'mydocker' | 'mydocker-compose' | 'sh', ...args: string[]];
  /** What it may say when it fails, beside what all may say. */
  readonly excuses?: RegExp;
  /** Milliseconds after which it is killed or asked to end: what never ends by itself. */
  readonly endless?: number;
  /** After it succeeded. */
  readonly then?: (result: RunResult) => void;
}

/** Chooses: `pick(list)`, `chance(0.5)`, `upTo(10)`. */
export class Dice {
  readonly #random: () => number;

  constructor(seed: number) {
    this.#random = randomFrom(seed);
  }

  pick<T>(list: readonly T[]): T {
    return list[Math.floor(this.#random() * list.length)]!;
  }
  chance(probability: number): boolean {
    return this.#random() < probability;
  }
  /** 0 to less than `end`. */
  upTo(end: number): number {
    return this.#random() * end;
  }
}

/** What no command may say, whatever others do at the same time. */
const NEVER =
  /unexpected|internal error|corrupt|cannot be read|cannot be removed|is missing|\n +at |\b(ENOENT|ENOTDIR|ENOTEMPTY|EEXIST|ESRCH|EBUSY|EPIPE|ECONN\w+|EBADF|EINVAL|ELOOP|ESTALE|EXDEV)\b|[Nn]o such file|not empty|File exists|No such process/;

/** What a command says of what another one did in the meantime. */
const EXCUSES =
  /no such (container|object|image|volume|network)|in use|exists already|already|is not (running|paused)|is paused|is (running|created|exited|restarting)|removed by another command|another command removed|is being (started|ended|removed)|being started or ended|not on network|executable file not found|waiting for another command/;

export class Crowd {
  readonly #sandbox: Sandbox;
  readonly #dice: Dice;
  readonly #log: string[] = [];
  readonly complaints: string[] = [];
  readonly counts = new Map<string, { done: number; failed: number; killed: number }>();
  #number = 0;

  constructor(sandbox: Sandbox, dice: Dice) {
    this.#sandbox = sandbox;
    this.#dice = dice;
  }

  /** `size` at once, each running one command of `choose` after the other until `total` were run. */
  async run(size: number, total: number, killed: number, choose: (dice: Dice, number: number) => CrowdCommand): Promise<void> {
    const member = async (): Promise<void> => {
      while (this.#number < total) {
        const number = this.#number++;
        const command = choose(this.#dice, number);
        await this.#runOne(command, number, this.#dice.chance(killed) ? this.#dice.upTo(200) : undefined);
      }
    };
    await Promise.all(Array.from({ length: size }, member));
  }

  async #runOne({ words: [program, ...args], excuses, endless, then }: CrowdCommand, number: number, killAfter: number | undefined): Promise<void> {
    const path = program === 'sh' ? 'sh' : program === 'mydocker' ? executables.mydocker : executables.compose;
    const text = [program, ...args].join(' ');
    const kind = `${program} ${args.find((word) => /^[a-z]/.test(word)) ?? ''}`;
    const count = this.counts.get(kind) ?? { done: 0, failed: 0, killed: 0 };
    this.counts.set(kind, count);
    const at = performance.now();
    const delay = endless ?? killAfter;
    if (delay !== undefined) {
      await killDuring(this.#sandbox, path, args, { victim: endless === undefined ? 'cli' : 'asked', delay, choice: 0 });
      count.killed += 1;
      this.#note(number, at, `${endless === undefined ? 'KILLED' : 'ended'} ${text}`);
      return;
    }
    let result: RunResult;
    try {
      result = await run(path, args, { cwd: this.#sandbox.directory, env: this.#env(), timeout: 60_000 });
    } catch (error) {
      this.complaints.push(`#${number} ${String(error)}`);
      return;
    }
    this.#note(number, at, `${result.status} ${text}: ${result.stderr.trim().replaceAll('\n', ' | ').slice(0, 300)}`);
    if (result.status === 0) {
      count.done += 1;
      then?.(result);
    } else count.failed += 1;
    const excused = result.status === 0 || EXCUSES.test(result.stderr) || excuses?.test(result.stderr + result.stdout) === true;
    if (NEVER.test(result.stderr) || !excused) {
      this.complaints.push(`#${number} ${result.status} ${text}\n${result.stdout.slice(0, 2000)}${result.stderr}`);
    }
  }

  #note(number: number, at: number, text: string): void {
    this.#log.push(`${at.toFixed(0)}-${performance.now().toFixed(0)} #${number} ${text}`);
  }

  #env(): Record<string, string> {
    return { ...this.#sandbox.env, PATH: `${dirname(executables.core)}:${process.env['PATH'] ?? ''}` };
  }

  /** The last commands that ran, oldest first. */
  get log(): readonly string[] {
    return this.#log;
  }
}
