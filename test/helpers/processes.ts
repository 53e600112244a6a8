import { readFileSync, readdirSync, readlinkSync } from 'node:fs';
import { executables, type Sandbox } from './sandbox.ts';

export interface CoreProcess {
  readonly pid: number;
  /** `serve` belongs to one command; a supervisor to one container. */
  readonly role: 'serve' | 'supervisor';
}

/** The core's processes that work for this sandbox, by the environment they were started with: never anybody else's. */
export function coreProcesses(sandbox: Sandbox): CoreProcess[] {
  return readdirSync('/proc').flatMap((name) => {
    try {
      if (!/^\d+$/.test(name) || readlinkSync(`/proc/${name}/exe`) !== executables.core) return [];
      if (!readFileSync(`/proc/${name}/environ`, 'utf8').split('\0').includes(`MYDOCKER_RUN_ROOT=${sandbox.runRoot}`)) return [];
      const supervises = readFileSync(`/proc/${name}/cgroup`, 'utf8').includes('/mydocker/supervisors');
      return [{ pid: Number(name), role: supervises ? 'supervisor' : 'serve' } as const];
    } catch {
      return []; // it ended meanwhile, or is a kernel thread
    }
  });
}
