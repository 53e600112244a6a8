import { isTerminal } from '../../util/stdio.ts';
import type { Core } from '../core/core.ts';
import type { Fields } from '../core/frame.ts';
import type { CoreLine } from '../core/reply.ts';

/** Those a person or a program sends to `run`, `attach` and `exec`, meaning the container. */
const FORWARDED: readonly NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2', 'SIGCONT'];

/**
 * Waits for the end of a foreground session. Signals go to the core, which gives them to the container; it ignores
 * the terminal's own, which it gets as well, so that each arrives once.
 */
export async function withForwardedSignals(core: Core, end: Promise<CoreLine>): Promise<CoreLine> {
  const forward = (signal: NodeJS.Signals): void => {
    if (core.pid !== undefined) process.kill(core.pid, signal);
  };
  for (const signal of FORWARDED) process.on(signal, forward);
  try {
    return await end;
  } finally {
    for (const signal of FORWARDED) process.off(signal, forward);
  }
}

/** `tty.rows`, `tty.cols` of this process's terminal, where it has one. */
export function terminalSize(): Fields {
  if (!isTerminal(1)) return [];
  const { rows, columns } = process.stdout;
  return [
    ['tty.rows', String(rows)],
    ['tty.cols', String(columns)],
  ];
}
