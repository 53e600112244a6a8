import { dirname } from 'node:path';
import { killDuring, randomFrom } from './crash.ts';
import { run, type RunResult } from './run.ts';
import { executables, type Sandbox } from './sandbox.ts';

/** One command of a crowd. */
export interface CrowdCommand {
  /** Program and arguments. */
  readonly words: readonly [program: 'mydocker' | 'mydocker-compose', ...args: string[]];
  /** What it may say when it fails, beside what all may say. */
  readonly excuse?: RegExp;
  /** It never ends by itself: it is asked to after so many milliseconds. */
  readonly endless?: number;
  /** After it succeeded. */
  readonly then?: () => void;
}

/** Choices that a seed repeats. */
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

export interface CrowdSize {
  /** How many run at once. */
  readonly members: number;
  readonly commands: number;
  /** Which share of the commands is killed in the middle, 0 to 1. */
  readonly killed: number;
}

/** What no command may say, whatever others do at the same time. */
const NEVER =
  /unexpected|internal error|corrupt|cannot be (read|removed)|is missing|truncated|\n +at |\bE(NOENT|NOTDIR|NOTEMPTY|EXIST|SRCH|BUSY|PIPE|CONN\w+|BADF|INVAL|LOOP|STALE|XDEV|NODEV|IO)\b|no such (file|process|device)|not empty|file exists/i;

/** What a command says of what another one did: the thing is gone, or is there already, is in use, or is in another state. */
const EXCUSES =
  /no such (container|object|image|volume|network)|in use|already|is not (running|paused)|is (paused|running|created|exited|restarting)|is being started or ended|is not on network|container uses it|referenced by several names|stopped or was restarted|removed .* meanwhile/;

const TIMEOUT_MS = 60_000;
/** Commands are killed within this time (ms). */
const KILL_WITHIN = 200;

/** Commands that run side by side, and what they had no reason to say. */
export class Crowd {
  readonly #sandbox: Sandbox;
  readonly #dice: Dice;
  readonly #complaints: string[] = [];
  readonly #counts = new Map<string, { succeeded: number; failed: number; killed: number }>();
  #started = 0;

  constructor(sandbox: Sandbox, dice: Dice) {
    this.#sandbox = sandbox;
    this.#dice = dice;
  }

  /** Each member runs one command after the other. Returns what was wrong. */
  async run({ members, commands, killed }: CrowdSize, choose: (dice: Dice, number: number) => CrowdCommand): Promise<readonly string[]> {
    const member = async (): Promise<void> => {
      while (this.#started < commands) {
        const number = this.#started++;
        const command = choose(this.#dice, number);
        await this.#run(command, number, this.#dice.chance(killed) ? this.#dice.upTo(KILL_WITHIN) : undefined);
      }
    };
    await Promise.all(Array.from({ length: members }, member));
    return this.#complaints;
  }

  /** How often each command was run, a line each. */
  counts(): string {
    const lines = [...this.#counts].map(
      ([verb, { succeeded, failed, killed }]) => `${verb}: ${succeeded} succeeded, ${failed} failed, ${killed} ended`,
    );
    return lines.sort().join('\n');
  }

  async #run({ words: [program, ...args], excuse, endless, then }: CrowdCommand, number: number, killAfter?: number): Promise<void> {
    const path = program === 'mydocker' ? executables.mydocker : executables.compose;
    const count = this.#countOf(program, args);
    const delay = endless ?? killAfter;
    if (delay !== undefined) {
      count.killed += 1;
      const victim = endless === undefined ? 'cli' : 'asked';
      return killDuring(this.#sandbox, path, args, { victim, delay, choice: this.#dice.upTo(1), endless: endless !== undefined });
    }
    const env = { ...this.#sandbox.env, PATH: `${dirname(executables.core)}:${process.env['PATH'] ?? ''}` };
    let result: RunResult;
    try {
      result = await run(path, args, { cwd: this.#sandbox.directory, env, timeout: TIMEOUT_MS });
    } catch (error) {
      this.#complaints.push(`#${number} ${String(error)}`);
      return;
    }
    // What was run in a container that another command killed is killed, too.
    const isKilled = result.status === 137 && result.stderr === '';
    const excused = result.status === 0 || isKilled || EXCUSES.test(result.stderr) || excuse?.test(result.stderr) === true;
    if (NEVER.test(result.stderr) || !excused) {
      this.#complaints.push(`#${number} status ${result.status}: ${[program, ...args].join(' ')}\n${result.stdout}${result.stderr}`);
    }
    count[result.status === 0 ? 'succeeded' : 'failed'] += 1;
    if (result.status === 0) then?.();
  }

  #countOf(program: string, args: readonly string[]): { succeeded: number; failed: number; killed: number } {
    const verb = program === 'mydocker' ? (args[0] ?? '') : (args[2] ?? '');
    const key = `${program} ${verb}`;
    const count = this.#counts.get(key) ?? { succeeded: 0, failed: 0, killed: 0 };
    this.#counts.set(key, count);
    return count;
  }
}
