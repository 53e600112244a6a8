import { MydockerError } from '../../../errors.ts';
import { usesColor, type AnsiMode } from '../../../ui/colors.ts';
import type { ProgressMode } from '../../../ui/progress.ts';
import { isTerminal, type StandardFd } from '../../../util/stdio.ts';
import { truthy } from '../../../util/truthy.ts';

/** The flags before the command's name. */
export interface Globals {
  readonly files: readonly string[];
  readonly projectName?: string;
  readonly profiles: readonly string[];
  readonly envFiles: readonly string[];
  readonly projectDirectory?: string;
  readonly ansi: AnsiMode;
  readonly progress: ProgressMode;
  readonly parallel: number;
  readonly dryRun: boolean;
  /** Keep networks, volumes and the like that no service uses. */
  readonly allResources: boolean;
  /** Names of containers and images as docker-compose 1 made them, with `_` between their parts. */
  readonly compatibility: boolean;
  readonly dataRoot?: string;
  readonly runRoot?: string;
}

/** As they are written, by their long names. */
export interface RawGlobals {
  readonly file?: readonly string[];
  readonly projectName?: string;
  readonly profile?: readonly string[];
  readonly envFile?: readonly string[];
  readonly projectDirectory?: string;
  readonly workdir?: string;
  /** false for --no-ansi. */
  readonly ansi: AnsiMode | false;
  readonly allResources?: boolean;
  readonly compatibility?: boolean;
  readonly progress?: string;
  readonly parallel?: string;
  readonly dryRun?: boolean;
  readonly dataRoot?: string;
  readonly runRoot?: string;
}

export function collect(value: string, previous: readonly string[] | undefined): readonly string[] {
  return [...(previous ?? []), value];
}

export function readGlobals(raw: RawGlobals, env: Readonly<Record<string, string | undefined>>, dryRunOfCommand = false): Globals {
  if (raw.workdir !== undefined && raw.projectDirectory !== undefined)
    throw new MydockerError('usage', '--workdir and --project-directory say the same', { hint: 'use --project-directory alone' });
  const directory = raw.projectDirectory ?? raw.workdir;
  parallelLimit(raw.parallel, env);
  progressMode(raw.progress, env);
  return {
    files: raw.file ?? [],
    profiles: raw.profile ?? [],
    envFiles: raw.envFile ?? [],
    // Read anew each time: the project's .env file may set the variables these come from.
    get ansi() {
      return ansiMode(raw, env);
    },
    get progress() {
      return progressMode(raw.progress, env);
    },
    get parallel() {
      return parallelLimit(raw.parallel, env);
    },
    dryRun: raw.dryRun === true || dryRunOfCommand,
    allResources: raw.allResources === true,
    compatibility: raw.compatibility === true || truthy(env['COMPOSE_COMPATIBILITY']),
    ...(raw.projectName === undefined || raw.projectName === '' ? {} : { projectName: raw.projectName }),
    ...(directory === undefined ? {} : { projectDirectory: directory }),
    ...(raw.dataRoot === undefined ? {} : { dataRoot: raw.dataRoot }),
    ...(raw.runRoot === undefined ? {} : { runRoot: raw.runRoot }),
  };
}

function ansiMode({ ansi }: RawGlobals, env: Readonly<Record<string, string | undefined>>): AnsiMode {
  if (ansi === false) return 'never';
  const fromEnv = env['COMPOSE_ANSI'];
  return ansi === 'auto' && (fromEnv === 'never' || fromEnv === 'always') ? fromEnv : ansi;
}

function progressMode(flag: string | undefined, env: Readonly<Record<string, string | undefined>>): ProgressMode {
  const wish = flag ?? env['COMPOSE_PROGRESS'] ?? 'auto';
  if (wish === 'tty' || wish === 'plain' || wish === 'json' || wish === 'quiet') return wish;
  if (wish !== 'auto') throw new MydockerError('usage', `unsupported --progress value "${wish}"`);
  return isTerminal(2) && env['TERM'] !== 'dumb' ? 'tty' : 'plain';
}

function parallelLimit(flag: string | undefined, env: Readonly<Record<string, string | undefined>>): number {
  const variable = env['COMPOSE_PARALLEL_LIMIT'];
  const text = flag ?? variable;
  if (text === undefined || text === '') return Number.POSITIVE_INFINITY;
  const value = Number(text);
  if (!Number.isInteger(value))
    throw new MydockerError('usage', `${flag === undefined ? 'COMPOSE_PARALLEL_LIMIT' : '--parallel'}: ${text} is not a whole number`);
  return value > 0 ? value : Number.POSITIVE_INFINITY;
}

/** Whether to write colours to one of this process's streams. */
export function colorFor({ ansi }: Globals, fd: StandardFd): boolean {
  return usesColor(ansi, isTerminal(fd), process.env);
}
