import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isStillSo, type InputAnswers } from '../../../load/files/inputs.ts';
import { randomHex } from '../../../util/random.ts';
import { sum64 } from '../../../util/sum64.ts';

/** What a load may depend on besides the answers it got; everything that a caller can choose. */
export type LoadQuestion = Readonly<Record<string, unknown>>;

type Environment = Readonly<Record<string, string | undefined>>;

/** More are not worth their place; the oldest go. */
const MOST = 64;
const MOST_BYTES = 4 * 1024 * 1024;

/**
 * Results of loads, by question, each with every answer the load got from the world: as long as the world gives the same
 * answers, the files need not be parsed and checked again. It lies below the run root, is lost at a reboot, and may be removed
 * at any time. `program` tells one build of this program from another.
 */
export class KeptLoads<T> {
  readonly #folder: string;
  readonly #program: string;

  constructor(runRoot: string, program: string) {
    this.#folder = join(runRoot, 'loads');
    this.#program = program;
  }

  find(question: LoadQuestion, environment: Environment): T | undefined {
    const key = this.#key(question);
    try {
      const ending = endingOf(key);
      const name = readdirSync(this.#folder).find((file) => file.endsWith(ending));
      if (name === undefined) return undefined;
      const [ownKey, answers, result] = readFileSync(join(this.#folder, name), 'utf8').split('\n');
      if (ownKey !== key || answers === undefined || result === undefined) return undefined;
      return isStillSo(JSON.parse(answers) as InputAnswers, environment) ? (JSON.parse(result) as T) : undefined;
    } catch {
      return undefined; // not there, or half of it: the files are
    }
  }

  /** Keeps nothing that JSON would not give back as it is. What cannot be written is not kept. */
  keep(project: string, question: LoadQuestion, answers: InputAnswers, result: T): void {
    const key = this.#key(question);
    try {
      const text = `${key}\n${JSON.stringify(answers)}\n${JSON.stringify(result, refuseWhatChanges)}\n`;
      if (text.length > MOST_BYTES) return;
      mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
      const unfinished = join(this.#folder, `.${randomHex(6)}.tmp`);
      writeFileSync(unfinished, text, { mode: 0o600, flag: 'wx' });
      this.#remove((file) => file.endsWith(endingOf(key)));
      renameSync(unfinished, join(this.#folder, `${project}${endingOf(key)}`));
      this.#removeOldest();
    } catch {
      // A load that is not kept is made again.
    }
  }

  /** The project is gone. */
  forget(project: string): void {
    this.#remove((file) => file.startsWith(`${project}.`));
  }

  #key(question: LoadQuestion): string {
    return JSON.stringify([this.#program, question]);
  }

  #remove(isMeant: (file: string) => boolean): void {
    try {
      for (const file of readdirSync(this.#folder).filter(isMeant)) rmSync(join(this.#folder, file), { force: true });
    } catch {
      // There is no such folder.
    }
  }

  #removeOldest(): void {
    const files = readdirSync(this.#folder);
    if (files.length <= MOST) return;
    const byAge = files.map((file) => ({ file, time: statSync(join(this.#folder, file), { throwIfNoEntry: false })?.mtimeMs ?? 0 }));
    const oldest = byAge.sort((a, b) => a.time - b.time).slice(0, files.length - MOST);
    for (const { file } of oldest) rmSync(join(this.#folder, file), { force: true });
  }
}

function endingOf(key: string): string {
  return `.${sum64(key)}.json`;
}

/** Throws at a value that would come back from JSON as another one. */
function refuseWhatChanges(_key: string, value: unknown): unknown {
  const type = typeof value;
  const isPlain = type === 'object' && (value === null || Array.isArray(value) || isRecord(value as object));
  const isNumber = type === 'number' && Number.isFinite(value) && !Object.is(value, -0);
  if (isPlain || isNumber || type === 'string' || type === 'boolean') return value;
  throw new TypeError(`no JSON value: ${String(value)}`);
}

function isRecord(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}
