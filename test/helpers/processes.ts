import { readFileSync, readdirSync, statSync } from 'node:fs';
import { executables, type Sandbox } from './sandbox.ts';

export interface CoreProcess {
  readonly pid: number;
  /** `serve` belongs to one command; a supervisor to one container. */
  readonly role: 'serve' | 'supervisor';
}

/**
 * The core's processes that work for this sandbox and never anybody else's: a `serve` still has the command's environment,
 * a supervisor is named by the state file that it writes.
 */
export function coreProcesses(sandbox: Sandbox): CoreProcess[] {
  const supervisors = new Set(supervisorsOf(sandbox));
  const core = statSync(executables.core);
  return readdirSync('/proc').flatMap((name): CoreProcess[] => {
    try {
      if (!/^\d+$/.test(name)) return [];
      // By the file itself: the core runs from a view of it that has no path.
      const program = statSync(`/proc/${name}/exe`);
      if (program.ino !== core.ino || program.dev !== core.dev) return [];
      const pid = Number(name);
      if (supervisors.has(pid)) return [{ pid, role: 'supervisor' }];
      const environment = readFileSync(`/proc/${name}/environ`, 'utf8').split('\0');
      return environment.includes(`MYDOCKER_RUN_ROOT=${sandbox.runRoot}`) ? [{ pid, role: 'serve' }] : [];
    } catch {
      return []; // it ended meanwhile, or is a kernel thread
    }
  });
}

function supervisorsOf({ runRoot }: Sandbox): number[] {
  return readdirSync(`${runRoot}/containers`).flatMap((id) => {
    try {
      const state = JSON.parse(readFileSync(`${runRoot}/containers/${id}/state.json`, 'utf8'));
      return [state.supervisor.pid as number];
    } catch {
      return []; // not there yet, or not any more
    }
  });
}
