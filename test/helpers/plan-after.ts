import type { RunResult } from './run.ts';

/** Flags of `up` that change what is desired; `plan` has to be told them too. */
const WITH_VALUE = ['--scale'];
const KEPT = ['--no-deps', '--adopt', '--remove-orphans', '--no-recreate'];
/** Flags of `up` whose value must not be taken for a service. */
const DROPPED_WITH_VALUE = ['-t', '--timeout', '--wait-timeout', '--pull', '--rename-from'];
/** Ways of `up` after which there may well be something to do. */
const UNFINISHED = ['--no-start', '--dry-run', '--help', '-h'];

/** The command line that asks what is left to do after this one; undefined unless it is an `up -d`. */
export function planAfter(args: readonly string[]): readonly string[] | undefined {
  const verb = args.indexOf('up');
  const flags = args.slice(verb + 1);
  if (verb < 0 || args.some((arg) => UNFINISHED.includes(arg)) || args.slice(0, verb).includes('exec')) return undefined;
  if (!flags.some((flag) => flag === '-d' || flag === '--detach' || flag === '--wait')) return undefined;
  const kept: string[] = [];
  for (let index = 0; index < flags.length; index++) {
    const flag = flags[index] ?? '';
    const value = flags[index + 1] ?? '';
    if (WITH_VALUE.includes(flag)) kept.push(flag, value);
    else if (KEPT.includes(flag) || !flag.startsWith('-') || flag.startsWith('--scale=')) kept.push(flag);
    if (WITH_VALUE.includes(flag) || DROPPED_WITH_VALUE.includes(flag)) index++;
  }
  return [...args.slice(0, verb), 'plan', '--detailed-exitcode', ...kept];
}

/** A job that has ended would be started again, and what waits for it again: that is no drift. */
const NO_DRIFT = /^(?:warning: .*|start container \S+ \(it exited with \d+\)|wait for service .*)$/;

export function expectNothingToDo({ status, stdout, stderr, command }: RunResult): void {
  if (status === 0) return;
  const drift = stdout.split('\n').filter((line) => line !== '' && !NO_DRIFT.test(line));
  if (status !== 2 || drift.length > 0) throw new Error(`not empty after an up: ${command}\n${stdout}${stderr}`);
}
