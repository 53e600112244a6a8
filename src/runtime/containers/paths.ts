import { join } from 'node:path';
import type { Roots } from '../store/roots.ts';

/** Where a container's files are. */
export interface ContainerPaths {
  readonly data: string;
  readonly config: string;
  readonly lastState: string;
  readonly log: string;
  readonly lock: string;
  /** Held by the supervisor as long as it lives. */
  readonly supervisorLock: string;
  readonly run: string;
  readonly state: string;
  readonly control: string;
  /** Symbolic link `PID|START` to its process, made by the first container that joins it and kept by its supervisor. */
  readonly processLink: string;
  /** There while the hooks of its start have not run. */
  readonly hooksOwed: string;
}

export function containerPaths(roots: Roots, id: string): ContainerPaths {
  const data = join(roots.data, 'containers', id);
  const run = join(roots.run, 'containers', id);
  return {
    data,
    config: join(data, 'config.json'),
    lastState: join(data, 'last-state.json'),
    log: join(data, 'log.json'),
    lock: join(data, 'lock'),
    supervisorLock: join(data, 'supervisor.lock'),
    run,
    state: join(run, 'state.json'),
    control: join(run, 'control.sock'),
    processLink: join(run, 'process'),
    hooksOwed: join(run, 'hooks-owed'),
  };
}
