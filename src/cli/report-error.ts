import { MydockerError } from '../errors.ts';

/** Prints what went wrong to stderr; returns the exit status. An error that is not ours is a bug and shows its stack. */
export function reportError(error: unknown): number {
  if (!(error instanceof MydockerError)) {
    process.stderr.write(
      `mydocker: unexpected error, please report it: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
    );
    return 70;
  }
  for (const problem of error.problems.length > 0 ? error.problems : [error]) {
    process.stderr.write(formatProblem(problem));
  }
  return error.exitStatus ?? 1;
}

function formatProblem({ resource, message, position, hint }: MydockerError): string {
  const place = position === undefined ? '' : ` (${position.file}:${String(position.line)}:${String(position.column)})`;
  const subject = resource === undefined ? '' : `${resource}: `;
  return `error: ${subject}${message}${place}\n${hint === undefined ? '' : `  hint: ${hint}\n`}`;
}
