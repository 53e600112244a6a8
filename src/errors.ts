import { errnoOf } from './util/errno.ts';

/** Every reason this program can give for failing; tests assert on codes, people read messages. */
export type ErrorCode =
  /** The command line is wrong: unknown flag, missing argument, flags that exclude each other. */
  | 'usage'
  /** A compose file, an env file or a flag's value is wrong. */
  | 'invalid'
  /** A key of the Compose specification that this version cannot honour. */
  | 'unsupported'
  /** The named service, container, image, volume or network is not there. */
  | 'not-found'
  /** The name or resource exists already, is in use, or is owned by something else. */
  | 'conflict'
  /** The operation needs another state: a running container, a stopped one. */
  | 'state'
  /** A container could not be created, started or stopped; the core says at which stage. */
  | 'runtime'
  /** The program to run is not in the container (exit status 127). */
  | 'command-not-found'
  /** The program to run cannot be executed (exit status 126). */
  | 'command-not-executable'
  /** A file of our own store is broken or foreign. */
  | 'corrupt'
  /** Refused because it would remove or overwrite data that was not named. */
  | 'refused'
  /** The host lacks a privilege, a kernel feature, a program or disk space. */
  | 'host'
  /** A dependency failed, turned unhealthy or did not become ready in time. */
  | 'dependency'
  /** Several problems of one load; `problems` has them all. */
  | 'several';

/** A position in a file a person wrote. Lines and columns count from 1. */
export interface Position {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

export interface ErrorDetails {
  /** The resource and attribute, e.g. `services.web.ports[0]` or `volume data`. */
  readonly resource?: string;
  readonly position?: Position;
  /** What the user can do about it: one sentence. */
  readonly hint?: string;
  readonly cause?: unknown;
  /** For code `several`: every problem found, in order of position. */
  readonly problems?: readonly MydockerError[];
  /** The exit status of the command, where it is not 1. */
  readonly exitStatus?: number;
}

/** The one error a user is meant to read. `message` names the value; only `cli/main.ts` formats the rest. */
export class MydockerError extends Error {
  override readonly name = 'MydockerError';
  readonly code: ErrorCode;
  readonly resource: string | undefined;
  readonly position: Position | undefined;
  readonly hint: string | undefined;
  readonly problems: readonly MydockerError[];
  readonly exitStatus: number | undefined;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.resource = details.resource;
    this.position = details.position;
    this.hint = details.hint;
    this.problems = details.problems ?? [];
    this.exitStatus = details.exitStatus;
  }
}

const FULL = ['no space left on device', 'Free some disk space and run it again.'] as const;
const FILES = ['too many open files', 'Raise the limit, `ulimit -n`, and run it again.'] as const;
const HOST_FAULTS: Readonly<Record<string, readonly [message: string, hint: string]>> = {
  ENOSPC: FULL,
  EDQUOT: FULL,
  EROFS: ['the file system is read-only', 'Mount it writable, or choose another data root: --data-root, MYDOCKER_DATA_ROOT.'],
  EMFILE: FILES,
  ENFILE: FILES,
  EIO: ['input/output error', 'See what the kernel says of the disk: dmesg.'],
};

/** What to do where the host is to blame for this errno; undefined where it need not be. */
export function hostHint(errno: string): string | undefined {
  return HOST_FAULTS[errno]?.[1];
}

/** Any file of ours may meet a full, read-only or broken disk: that is the host's fault, and no bug. Undefined for anything else. */
export function hostFault(error: unknown): MydockerError | undefined {
  const fault = error instanceof MydockerError ? undefined : HOST_FAULTS[errnoOf(error)];
  if (fault === undefined) return undefined;
  const [message, hint] = fault;
  const path = error instanceof Error && 'path' in error && typeof error.path === 'string' ? `${error.path}: ` : '';
  return new MydockerError('host', `${path}${message}`, { cause: error, hint });
}
