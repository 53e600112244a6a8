import type { Command } from 'commander';
import type { MydockerRuntime } from '../../../runtime/runtime.ts';
import { writeErr } from '../../../util/stdio.ts';
import type { Globals } from './globals.ts';

/** The real runtime, all of it. */
export type ComposeRuntime = MydockerRuntime;

/** One run of the program, as a command sees it. */
export interface Session {
  readonly globals: Globals;
  /** Name of the command: `up`. */
  readonly command: string;
  /** What the process ends with when nothing is thrown. */
  exitStatus: number;
  /** Opened at the first call; closed by the program. */
  runtime(): Promise<ComposeRuntime>;
}

/** A command of the table: adds its arguments and options and says what to do. */
export type DefineCommand = (command: Command, session: Session) => void;

export async function openComposeRuntime({ dataRoot, runRoot }: Globals): Promise<ComposeRuntime> {
  const { openRuntime } = await import('../../../runtime/runtime.ts');
  return openRuntime({ dataRoot, runRoot });
}

export function warn(message: string): void {
  writeErr(`warning: ${message}\n`);
}
