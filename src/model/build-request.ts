import type { Ulimit } from './container.ts';

/** What `build` is asked for. */
export interface BuildRequest {
  /** Absolute path of the context's folder, or a URL of a git repository, an archive or a Dockerfile. */
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
  /** Name -> folder, `docker-image://REFERENCE`, or a URL as for `context`. */
  readonly contexts: Readonly<Record<string, string>>;
  /** `default`, `host` or `none`: for RUN. */
  readonly network: string;
  readonly extraHosts: readonly string[];
  /** Id -> content. */
  readonly secrets: ReadonlyMap<string, Uint8Array>;
  /** By the id that `RUN --mount=type=ssh` names. */
  readonly ssh: ReadonlyMap<string, AgentSource>;
  /** Of `network.host` and `security.insecure`; for `RUN --security=insecure` the latter. */
  readonly entitlements: readonly string[];
  readonly shmSize?: number;
  readonly ulimits: readonly Ulimit[];
  /** A line of progress or of a RUN's output, without its newline. */
  readonly say: (line: string) => void;
}

/** An ssh agent's socket, or private keys, each with the file it is from. */
export type AgentSource = { readonly socket: string } | { readonly keys: readonly { readonly path: string; readonly text: string }[] };

export interface BuiltImage {
  readonly id: string;
  readonly tags: readonly string[];
}
