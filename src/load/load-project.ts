import type { MydockerError, Position } from '../errors.ts';
import type { Project } from '../model/project.ts';

/** What the global flags and the process say; everything optional has the default of the documentation. */
export interface LoadOptions {
  /** `-f`, in order; `-` is standard input. Empty: `COMPOSE_FILE`, then the default names looked up through the parent directories. */
  readonly files?: readonly string[];
  /** `-p`. */
  readonly projectName?: string;
  /** `--project-directory`. */
  readonly projectDirectory?: string;
  /** `--env-file`, in order. */
  readonly envFiles?: readonly string[];
  /** `--profile`; `*` enables all. */
  readonly profiles?: readonly string[];
  /** Services named on the command line: only they and what they depend on stay, and their profiles are on. Empty keeps all. */
  readonly services?: readonly string[];
  /** Where relative paths of flags start, and where the file lookup starts. */
  readonly cwd?: string;
  /** The process's environment. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  readonly interpolate?: boolean;
  readonly normalize?: boolean;
  readonly resolvePaths?: boolean;
  readonly checkConsistency?: boolean;
  /** Put the contents of `env_file` into `environment`. */
  readonly resolveEnvironment?: boolean;
}

export interface LoadResult {
  readonly project: Project;
  /** Services left out because none of their profiles is on. */
  readonly disabledServices: Project['services'];
  readonly warnings: readonly Problem[];
  /** What interpolation saw: process environment, then the .env files. */
  readonly environment: Readonly<Record<string, string>>;
  /** Absolute paths of the top-level files, for labels; `-` for standard input. */
  readonly files: readonly string[];
  /** The project directory, absolute. */
  readonly workingDir: string;
  /** Where the value at this path of the model was last defined; of the nearest ancestor where it came from nowhere. */
  locate(path: readonly (string | number)[]): Position | undefined;
}

/** Something to say about the files; errors are thrown together as one `MydockerError('several')`. */
export type Problem = Pick<MydockerError, 'code' | 'message' | 'resource' | 'position' | 'hint'>;

export type LoadProject = (options: LoadOptions) => Promise<LoadResult>;
