import type { RawGlobals } from './globals.ts';

/** A flag with a value: whether it may be repeated, and the key of its value. */
type Flags<T> = Readonly<Record<string, readonly [key: keyof T & string, repeatable: boolean]>>;

const GLOBALS: Flags<RawGlobals> = {
  '-f': ['file', true],
  '--file': ['file', true],
  '-p': ['projectName', false],
  '--project-name': ['projectName', false],
  '--project-directory': ['projectDirectory', false],
  '--env-file': ['envFile', true],
  '--profile': ['profile', true],
  '--data-root': ['dataRoot', false],
  '--run-root': ['runRoot', false],
};

/** The options of `exec` that plain words may have. */
export interface PlainExecOptions {
  readonly env?: readonly string[];
  readonly user?: string;
  readonly workdir?: string;
}

const EXEC: Flags<PlainExecOptions> = {
  '-e': ['env', true],
  '--env': ['env', true],
  '-u': ['user', false],
  '--user': ['user', false],
  '-w': ['workdir', false],
  '--workdir': ['workdir', false],
};

const NO_TERMINAL: ReadonlySet<string> = new Set(['-T', '--no-tty', '--no-TTY']);

export interface PlainExec {
  readonly globals: RawGlobals;
  readonly options: PlainExecOptions;
  /** -T was given. */
  readonly noTerminal: boolean;
  readonly service: string;
  readonly args: readonly string[];
}

/**
 * A command line of `exec` in which every word is one that can mean one thing only: whole flags, each value a word of its own.
 * Undefined for all others, which is no judgement: commander reads them.
 */
export function plainExec(argv: readonly string[]): PlainExec | undefined {
  const globals = takeFlags(argv, 0, GLOBALS, new Set());
  if (globals === undefined || argv[globals.next] !== 'exec') return undefined;
  const options = takeFlags(argv, globals.next + 1, EXEC, NO_TERMINAL);
  if (options === undefined) return undefined;
  const [service, ...args] = argv.slice(options.next);
  if (service === undefined || service === '' || args[0] === undefined || args[0].startsWith('-')) return undefined;
  return { globals: { ...globals.values, ansi: 'auto' }, options: options.values, noTerminal: options.switches > 0, service, args };
}

interface Taken<T> {
  readonly values: Partial<T>;
  readonly switches: number;
  /** Index of the first word that is no flag. */
  readonly next: number;
}

function takeFlags<T>(argv: readonly string[], from: number, flags: Flags<T>, switches: ReadonlySet<string>): Taken<T> | undefined {
  const values: Record<string, string | string[]> = {};
  let seen = 0;
  let next = from;
  for (; argv[next]?.startsWith('-') === true; next++) {
    const word = argv[next] ?? '';
    if (switches.has(word)) {
      seen++;
      continue;
    }
    const flag = Object.hasOwn(flags, word) ? flags[word] : undefined;
    const value = argv[++next];
    if (flag === undefined || value === undefined || value.startsWith('-')) return undefined;
    const [key, repeatable] = flag;
    const before = values[key];
    values[key] = repeatable ? [...(Array.isArray(before) ? before : []), value] : value;
  }
  return { values: values as Partial<T>, switches: seen, next };
}
