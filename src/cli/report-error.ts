import { readFileSync } from 'node:fs';
import { hostFault, MydockerError, type Position } from '../errors.ts';
import { paint, usesColor } from '../ui/colors.ts';
import { isTerminal, OutputClosed, writeErr } from '../util/stdio.ts';

/** What a shell shows for a program that wrote to a pipe without a reader. */
const KILLED_BY_SIGPIPE = 141;

/** Prints what went wrong to stderr; returns the exit status. An error that is not ours is a bug and shows its stack. */
export function reportError(error: unknown): number {
  if (error instanceof OutputClosed) return KILLED_BY_SIGPIPE;
  const fault = hostFault(error);
  if (fault !== undefined) return reportError(fault);
  if (!(error instanceof MydockerError)) {
    writeErr(`mydocker: unexpected error, please report it: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    return 70;
  }
  const color = usesColor('auto', isTerminal(2), process.env);
  for (const problem of flattened(error)) writeErr(formatProblem(problem, color));
  return error.exitStatus ?? 1;
}

/** For those who read the progress as JSON: an object a line, as Docker Compose writes it, and our hint. */
export function reportAsJson(error: MydockerError): number {
  for (const problem of flattened(error)) {
    const hint = problem.hint === undefined ? {} : { hint: problem.hint };
    writeErr(`${JSON.stringify({ error: true, message: textOf(problem), ...hint })}\n`);
  }
  return error.exitStatus ?? 1;
}

/** Before this process becomes another one: prints the warnings, and returns how an error begins that the other one may have. */
export function lastWords(warnings: readonly string[]): string {
  for (const warning of warnings) writeErr(`warning: ${warning}\n`);
  return `${paint('red', 'error:', usesColor('auto', isTerminal(2), process.env))} `;
}

function flattened(error: MydockerError): readonly MydockerError[] {
  return error.problems.length === 0 ? [error] : error.problems.flatMap(flattened);
}

/** `error: services.web.ports[0]: … (compose.yaml:12:9)`, on a terminal with the line itself and a caret below it. */
function formatProblem(problem: MydockerError, color: boolean): string {
  const { position, hint } = problem;
  const frame = position === undefined || !isTerminal(2) ? '' : caretFrame(position, color);
  const advice = hint === undefined ? '' : `  ${paint('cyan', 'hint:', color)} ${withoutControls(hint)}\n`;
  return `${paint('red', 'error:', color)} ${withoutControls(textOf(problem))}\n${frame}${advice}`;
}

/** What errors quote must not steer the terminal: control characters but line ends and tabs as `\\x1b`. */
function withoutControls(text: string): string {
  return text.replace(/[^\P{Cc}\n\t]/gu, (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`);
}

function textOf({ resource, message, position }: MydockerError): string {
  const place = position === undefined ? '' : ` (${position.file}:${String(position.line)}:${String(position.column)})`;
  const subject = resource === undefined || message.startsWith(resource) ? '' : `${resource}: `;
  return `${subject}${message}${place}`;
}

function caretFrame({ file, line, column }: Position, color: boolean): string {
  const text = lineOf(file, line);
  if (text === undefined) return '';
  const margin = String(line);
  const indent = text.slice(0, column - 1).replace(/[^\t]/g, ' ');
  const bar = paint('dim', '|', color);
  return `  ${paint('dim', margin, color)} ${bar} ${text}\n  ${' '.repeat(margin.length)} ${bar} ${indent}${paint('red', '^', color)}\n`;
}

function lineOf(file: string, line: number): string | undefined {
  try {
    return readFileSync(file, 'utf8').split('\n')[line - 1];
  } catch {
    return undefined;
  }
}
