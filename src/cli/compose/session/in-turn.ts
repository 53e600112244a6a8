import type { ComposeRuntime, Session } from './session.ts';
import { checkDirectory } from './check-directory.ts';
import type { ProjectOrName } from './load-desired.ts';
import { writeErr } from '../../../util/stdio.ts';

declare const granted: unique symbol;

/** The right to change things; `execute` asks for it, so that no command can forget to wait for the others. */
export interface Turn {
  readonly runtime: ComposeRuntime;
  readonly [granted]: true;
}

export interface TurnOptions {
  /** Ends the waiting for other commands. */
  readonly signal?: AbortSignal;
  /** The project may belong to another directory until now. */
  readonly adopt?: boolean;
  /** It is for finishing a rename that was cut short; others refuse to work on half a project. */
  readonly renaming?: boolean;
}

/**
 * Runs `use` while no other command changes the project. All that changes a project goes through here. A dry run waits for nobody:
 * it cannot change anything.
 */
export async function inTurn<T>(
  session: Session,
  target: ProjectOrName,
  use: (turn: Turn) => Promise<T>,
  { signal, adopt = false, renaming = false }: TurnOptions = {},
): Promise<T> {
  const turn = await outOfTurn(session);
  const { runtime } = turn;
  const { name } = target;
  const check = async (): Promise<void> => {
    if (!renaming) await checkNoRename(runtime, name);
    if (target.desired !== undefined && !adopt) await checkDirectory(runtime, target.desired);
  };
  if (session.globals.dryRun) {
    await check();
    return use(turn);
  }
  const unlock = await runtime.projects.lock(name, {
    purpose: session.command,
    onWait: (holder) => {
      writeErr(`waiting for another command that changes project "${name}"${holder === '' ? '' : `: ${holder}`}\n`);
    },
    ...(signal === undefined ? {} : { signal }),
  });
  try {
    await check();
    return await use(turn);
  } finally {
    unlock();
  }
}

async function checkNoRename(runtime: ComposeRuntime, name: string): Promise<void> {
  const record = await runtime.projects.get(name);
  if (record?.renamedTo === undefined && record?.renamedFrom === undefined) return;
  const { interrupted, settled } = await import('./rename-project.ts');
  const marked = await settled(runtime, record);
  if (marked.renamedTo === undefined && marked.renamedFrom === undefined) return runtime.projects.put(marked);
  throw interrupted({ from: record.renamedFrom ?? name, to: record.renamedTo ?? name });
}

/** For what changes no project: images, and plans in which there is nothing to do. */
export async function outOfTurn(session: Session): Promise<Turn> {
  return { runtime: await session.runtime() } as Turn;
}
