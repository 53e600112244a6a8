import { MydockerError, type ErrorCode, type Position } from '../errors.ts';
import { formatPath, originAt, type Mapping, type Origin, type Path } from './tree.ts';

export interface ProblemDetails {
  readonly path?: Path;
  readonly position?: Position | undefined;
  readonly hint?: string | undefined;
  readonly code?: ErrorCode;
}

/** Collects what is wrong and what deserves a warning, so that one run shows all of it. */
export class Problems {
  readonly warnings: MydockerError[] = [];
  private readonly errors: MydockerError[] = [];
  private readonly said = new Set<string>();

  add(message: string, details: ProblemDetails = {}): void {
    const error = toError(message, details);
    const key = `${error.resource ?? ''} ${message} ${formatPosition(error.position)}`;
    if (this.said.has(key)) return;
    this.said.add(key);
    this.errors.push(error);
  }

  /** Says where the value at `path` of `root` came from. */
  addAt(root: Mapping, path: Path, message: string, hint?: string): void {
    this.add(message, { path, position: positionOf(originAt(root, path)), hint });
  }

  /** Like `addAt`, pointing at the key. */
  addAtKey(root: Mapping, path: Path, message: string, hint?: string): void {
    const origin = originAt(root, path);
    this.add(message, { path: path.slice(0, -1), position: origin?.source.position(origin.keyOffset ?? origin.offset), hint });
  }

  warn(message: string, details: ProblemDetails = {}): void {
    const key = `warning ${message}`;
    if (this.said.has(key)) return;
    this.said.add(key);
    this.warnings.push(toError(message, details));
  }

  get any(): boolean {
    return this.errors.length > 0;
  }

  throwIfAny(): void {
    const [first] = this.errors;
    if (first === undefined) return;
    if (this.errors.length === 1) throw first;
    const sorted = this.errors.toSorted(byPosition);
    throw new MydockerError('several', `${String(sorted.length)} problems`, { problems: sorted });
  }
}

export function positionOf(origin: Origin | undefined): Position | undefined {
  return origin?.source.position(origin.offset);
}

function toError(message: string, { path, position, hint, code }: ProblemDetails): MydockerError {
  return new MydockerError(code ?? 'invalid', message, {
    ...(path !== undefined && path.length > 0 ? { resource: formatPath(path) } : {}),
    ...(position === undefined ? {} : { position }),
    ...(hint === undefined ? {} : { hint }),
  });
}

function formatPosition(position: Position | undefined): string {
  return position === undefined ? '' : `${position.file}:${String(position.line)}:${String(position.column)}`;
}

function byPosition(a: MydockerError, b: MydockerError): number {
  const [left, right] = [a.position, b.position];
  if (left === undefined || right === undefined) return Number(left === undefined) - Number(right === undefined);
  if (left.file !== right.file) return left.file < right.file ? -1 : 1;
  return left.line - right.line || left.column - right.column;
}
