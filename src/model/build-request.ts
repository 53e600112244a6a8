import type { Ulimit } from './container.ts';

/** What `build` is asked for. */
export interface BuildRequest {
  /** Absolute path of the context's folder. */
  readonly context: string;
  /** Path of the Dockerfile, absolute or relative to the context. */
  readonly dockerfile: string;
  /** In place of a file. */
  readonly dockerfileText?: string;
  readonly args: Readonly<Record<string, string>>;
  readonly target?: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Names the image gets. */
  readonly tags: readonly string[];
  readonly noCache: boolean;
  /** Ask the registry for newer base images. */
  readonly pull: boolean;
  /** Name -> folder, `docker-image://REFERENCE`. */
  readonly contexts: Readonly<Record<string, string>>;
  /** `default`, `host` or `none`: for RUN. */
  readonly network: string;
  readonly extraHosts: readonly string[];
  /** Id -> content. */
  readonly secrets: ReadonlyMap<string, Uint8Array>;
  /** Sockets of ssh agents, by the id that `RUN --mount=type=ssh` names. */
  readonly ssh: ReadonlyMap<string, string>;
  readonly shmSize?: number;
  readonly ulimits: readonly Ulimit[];
  /** A line of progress or of a RUN's output, without its newline. */
  readonly say: (line: string) => void;
}

export interface BuiltImage {
  readonly id: string;
  readonly tags: readonly string[];
}
