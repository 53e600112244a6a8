import { readFileSync, statSync } from 'node:fs';

export type PathKind = 'file' | 'directory' | 'other' | 'none';
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

  /** The text of a file, or undefined when it has more than `limit` bytes; throws what the system says. `-` is standard input. */
  read(path: string, limit = Number.POSITIVE_INFINITY): string | undefined {
    if (path === '-') {
      this.#repeatable = false;
      const bytes = readFileSync(0);
      return bytes.length > limit ? undefined : bytes.toString('utf8');
    }
    if (statSync(path).size > limit) return undefined;
    const text = readFileSync(path, 'utf8');
    this.#texts.set(path, text);
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
