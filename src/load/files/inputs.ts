import { isUtf8 } from 'node:buffer';
import { readFileSync, statSync } from 'node:fs';

export type PathKind = 'file' | 'directory' | 'other' | 'none';
/** A file that cannot be read as text, and its first such line, counted from 1. */
export class NotUtf8 extends Error {
  readonly line: number;

  constructor(bytes: Uint8Array) {
    super('not UTF-8 text');
    let line = 1;
    for (let start = 0, end = 0; start < bytes.length; start = end + 1, line++) {
      end = bytes.indexOf(0x0a, start);
      if (end < 0 || !isUtf8(bytes.subarray(start, end))) break;
    }
    this.line = line;
  }
}

type Environment = Readonly<Record<string, string | undefined>>;

/** What a load asked of the world and what it was told, as JSON: as long as the answers are the same, so is what is loaded. */
export interface InputAnswers {
  /** Values of variables of the process's environment; null where there was none. */
  readonly variables: readonly (readonly [name: string, value: string | null])[];
  readonly kinds: readonly (readonly [path: string, kind: PathKind])[];
  readonly texts: readonly (readonly [path: string, text: string])[];
}

/**
 * The one way by which a load learns about the world: it remembers every question with its answer. Apart from these answers
 * a load depends on its options and on the program, so that equal answers mean an equal result.
 */
export class Inputs {
  readonly #environment: Environment;
  readonly #variables = new Map<string, string | null>();
  readonly #kinds = new Map<string, PathKind>();
  readonly #texts = new Map<string, string>();
  #repeatable = true;

  constructor(environment: Environment) {
    this.#environment = environment;
  }

  variable(name: string): string | undefined {
    const value = valueOf(this.#environment, name);
    this.#variables.set(name, value ?? null);
    return value;
  }

  /** All variables, for printing only: they are no input of the model. */
  everyVariable(): Environment {
    return this.#environment;
  }

  kindOf(path: string): PathKind {
    const kind = kindOf(path);
    this.#kinds.set(path, kind);
    return kind;
  }

  /** The text of a file; throws what the system says. */
  read(path: string): string {
    const text = readFileSync(path, 'utf8');
    this.#texts.set(path, text);
    return text;
  }

  /**
   * As `read`, but undefined when the file has more than `limit` bytes; `-` is standard input. Throws NotUtf8 when some bytes are no text.
   */
  readStrictly(path: string, limit: number): string | undefined {
    if (path !== '-' && statSync(path).size > limit) return undefined;
    const bytes = readFileSync(path === '-' ? 0 : path);
    if (bytes.length > limit) return undefined;
    const text = bytes.toString('utf8');
    if (text.includes('\uFFFD') && !isUtf8(bytes)) throw new NotUtf8(bytes);
    if (path === '-') this.#repeatable = false;
    else this.#texts.set(path, text);
    return text;
  }

  /** Something was asked that is not remembered here. */
  forget(): void {
    this.#repeatable = false;
  }

  /** Undefined when some answer cannot be asked for again. */
  answers(): InputAnswers | undefined {
    return this.#repeatable ? { variables: [...this.#variables], kinds: [...this.#kinds], texts: [...this.#texts] } : undefined;
  }
}

/** Whether the world still gives the same answers. */
export function isStillSo({ variables, kinds, texts }: InputAnswers, environment: Environment): boolean {
  return (
    variables.every(([name, value]) => (valueOf(environment, name) ?? null) === value) &&
    kinds.every(([path, kind]) => kindOf(path) === kind) &&
    texts.every(([path, text]) => isText(path, text))
  );
}

function valueOf(environment: Environment, name: string): string | undefined {
  return Object.hasOwn(environment, name) ? environment[name] : undefined;
}

function isText(path: string, text: string): boolean {
  try {
    return readFileSync(path, 'utf8') === text;
  } catch {
    return false;
  }
}

function kindOf(path: string): PathKind {
  try {
    const status = statSync(path);
    return status.isFile() ? 'file' : status.isDirectory() ? 'directory' : 'other';
  } catch {
    return 'none';
  }
}
