import { hostHint, MydockerError, type ErrorCode } from '../../errors.ts';

/** A line of the core: a reply, or an event that belongs to a request. */
export type CoreLine = Readonly<Record<string, unknown>>;

export function parseLine(line: string): CoreLine {
  const value: unknown = JSON.parse(line);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new TypeError('not an object');
  return value as CoreLine;
}

export function textOf(line: CoreLine, key: string): string {
  const value = line[key];
  return typeof value === 'string' ? value : '';
}

export function numberOf(line: CoreLine, key: string): number {
  const value = line[key];
  return typeof value === 'number' ? value : 0;
}

/** What the core says failed: the step, the system's error and a sentence. */
export class CoreError extends MydockerError {
  readonly stage: string;
  readonly errno: string;

  constructor(op: string, line: CoreLine) {
    const stage = textOf(line, 'stage');
    const errno = textOf(line, 'errno');
    const message = textOf(line, 'message') || `${op} failed`;
    super(codeOf(stage, errno), saysWhy(stage, errno, message) ? message : `${message}: ${errno}`, detailsOf(stage, errno, message));
    this.stage = stage;
    this.errno = errno;
  }
}

/** What exec says has the reason in words, and so has what is said of a container's state. */
function saysWhy(stage: string, errno: string, message: string): boolean {
  return errno === '' || stage === 'exec' || ['EALREADY', 'ECANCELED', 'ESRCH'].includes(errno) || message.includes(errno);
}

function codeOf(stage: string, errno: string): ErrorCode {
  if (stage === 'exec') return errno === 'ENOENT' ? 'command-not-found' : 'command-not-executable';
  if (hostHint(errno) !== undefined) return 'host';
  return 'runtime';
}

function detailsOf(stage: string, errno: string, message: string): { exitStatus?: number; hint?: string } {
  if (stage === 'cwd' && errno === 'ENOENT') return { exitStatus: 127 };
  if (stage === 'exec') return { exitStatus: errno === 'ENOENT' ? 127 : 126 };
  const hint = hostHint(errno);
  if (hint !== undefined) return { hint };
  if (errno === 'EINVAL' && message.startsWith('cannot make the overlay root')) {
    return { hint: 'The file system of the data root may take no write layers: mydocker-compose doctor tells.' };
  }
  if (errno === 'EPERM' && process.getuid?.() !== 0) return { hint: 'Run as root.' };
  return {};
}
