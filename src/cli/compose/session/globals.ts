import { Option, type Command } from 'commander';
import { MydockerError } from '../../../errors.ts';
import { usesColor, type AnsiMode } from '../../../ui/colors.ts';
import type { ProgressMode } from '../../../ui/progress.ts';
import { isTerminal, type StandardFd } from '../../../util/stdio.ts';

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
  readonly dataRoot?: string;
  readonly runRoot?: string;
}

interface RawGlobals {
  readonly file?: readonly string[];
  readonly projectName?: string;
  readonly profile?: readonly string[];
  readonly envFile?: readonly string[];
  readonly projectDirectory?: string;
  readonly workdir?: string;
  readonly ansi: AnsiMode;
  readonly noAnsi?: boolean;
  readonly progress?: string;
  readonly parallel?: string;
  readonly dryRun?: boolean;
  readonly dataRoot?: string;
  readonly runRoot?: string;
}

export function collect(value: string, previous: readonly string[] | undefined): readonly string[] {
  return [...(previous ?? []), value];
}

export function defineGlobals(program: Command): void {
  program
    .option('-f, --file <file>', 'Compose configuration files (repeatable)', collect)
    .option('-p, --project-name <name>', 'Project name')
    .option('--profile <profile>', 'Specify a profile to enable (repeatable)', collect)
    .option('--env-file <file>', 'Specify an alternate environment file (repeatable)', collect)
    .option('--project-directory <path>', 'Specify an alternate working directory')
    .addOption(new Option('--workdir <path>').hideHelp())
    .addOption(
      new Option('--ansi <mode>', 'Control when to print ANSI control characters').choices(['never', 'always', 'auto']).default('auto'),
    )
    .addOption(new Option('--progress <type>', 'Set type of progress output').choices(['auto', 'tty', 'plain', 'json', 'quiet']))
    .option('--parallel <n>', 'Control max parallelism, -1 for unlimited')
    .option('--dry-run', 'Execute command in dry run mode')
    .addOption(new Option('--compatibility', 'Accepted for compatibility; changes nothing').hideHelp())
    .addOption(new Option('--all-resources', 'Accepted for compatibility; changes nothing').hideHelp())
    .addOption(new Option('--verbose').hideHelp())
    .option('--data-root <path>', 'Where images, containers and volumes are kept (MYDOCKER_DATA_ROOT)')
    .option('--run-root <path>', 'Where the state of running containers is kept (MYDOCKER_RUN_ROOT)');
}

export function readGlobals(program: Command, env: Readonly<Record<string, string | undefined>>, dryRunOfCommand: boolean): Globals {
  const raw = program.opts<RawGlobals>();
  const directory = raw.projectDirectory ?? raw.workdir;
  return {
    files: raw.file ?? [],
    profiles: raw.profile ?? [],
    envFiles: raw.envFile ?? [],
    ansi: ansiMode(raw, env),
    progress: progressMode(raw.progress ?? env['COMPOSE_PROGRESS'] ?? 'auto', env),
    parallel: parallelLimit(raw.parallel ?? env['COMPOSE_PARALLEL_LIMIT']),
    dryRun: raw.dryRun === true || dryRunOfCommand,
    ...(raw.projectName === undefined || raw.projectName === '' ? {} : { projectName: raw.projectName }),
    ...(directory === undefined ? {} : { projectDirectory: directory }),
    ...(raw.dataRoot === undefined ? {} : { dataRoot: raw.dataRoot }),
    ...(raw.runRoot === undefined ? {} : { runRoot: raw.runRoot }),
  };
}

function ansiMode({ ansi }: RawGlobals, env: Readonly<Record<string, string | undefined>>): AnsiMode {
  const fromEnv = env['COMPOSE_ANSI'];
  return ansi === 'auto' && (fromEnv === 'never' || fromEnv === 'always') ? fromEnv : ansi;
}

function progressMode(wish: string, env: Readonly<Record<string, string | undefined>>): ProgressMode {
  if (wish === 'tty' || wish === 'plain' || wish === 'json' || wish === 'quiet') return wish;
  if (wish !== 'auto') throw new MydockerError('usage', `unsupported --progress value "${wish}"`);
  return isTerminal(2) && env['TERM'] !== 'dumb' ? 'tty' : 'plain';
}

function parallelLimit(text: string | undefined): number {
  if (text === undefined) return Number.POSITIVE_INFINITY;
  const value = Number(text);
  if (!Number.isInteger(value)) throw new MydockerError('usage', `--parallel: ${text} is not a whole number`);
  return value > 0 ? value : Number.POSITIVE_INFINITY;
}

/** Whether to write colours to one of this process's streams. */
export function colorFor({ ansi }: Globals, fd: StandardFd): boolean {
  return usesColor(ansi, isTerminal(fd), process.env);
}
