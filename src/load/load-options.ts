import type { FetchRemote } from './files/remote-files.ts';

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
  /** Also refuse what `config` lets pass but no container could be made from. */
  readonly forRuntime?: boolean;
  /** Keep networks, volumes, configs, secrets and models that no service uses. */
  readonly allResources?: boolean;
  /** For files in repositories; without it they are refused. */
  readonly fetchRemote?: FetchRemote;
  /** Put the contents of `env_file` into `environment`. */
  readonly resolveEnvironment?: boolean;
}
