import { join } from 'node:path';
import type { ContainerConfig } from '../../model/container.ts';
import type { ExecOptions } from '../../model/runtime.ts';
import { becomeRelay } from '../core/become-relay.ts';
import { Core } from '../core/core.ts';
import type { StateRecord } from '../store/container-record.ts';
import { EventLog } from '../store/event-log.ts';
import { isFullId } from '../store/ids.ts';
import { readIntact } from '../store/json-file.ts';
import { NameIndex } from '../store/names.ts';
import { isAlive } from '../store/process-times.ts';
import type { Roots } from '../store/roots.ts';
import { SEALS } from '../store/seal.ts';
import { execFields, type ExecTarget } from './exec-fields.ts';
import { HostCgroups } from './host-cgroups.ts';
import { containerPaths } from './paths.ts';
import { SeccompFilters } from './seccomp-cache.ts';

export interface ExecAtOnce {
  /** Whether the container of that name is the one that is meant. */
  readonly isIt: (config: ContainerConfig) => boolean;
  readonly options: ExecOptions & { readonly last: () => string };
}

/**
 * Becomes the relay of a further process in a running container, without a store and without the schemas of records: only records
 * whose seal is intact count. Returns, having changed nothing, where more than a look is needed: the container does not run,
 * has another name, or its filter has to be compiled.
 */
export async function execAtOnce(roots: Roots, name: string, { isIt, options }: ExecAtOnce): Promise<void> {
  const target = findRunning(roots, name);
  if (target === undefined || !isIt(target.config)) return;
  const core = new Core();
  const fields = await execFields({ cgroups: new HostCgroups(core), seccomp: new SeccompFilters({ roots, core }) }, target, options);
  if (core.pid === undefined) becomeRelay(core.path, fields, options.last);
  await core.close();
}

function findRunning(roots: Roots, name: string): ExecTarget | undefined {
  const id = new NameIndex(join(roots.data, 'names', 'containers')).lookUp(name);
  if (id === undefined || !isFullId(id)) return undefined;
  const paths = containerPaths(roots, id);
  const config = readIntact(paths.config, SEALS.container) as ContainerConfig | undefined;
  const record = readIntact(paths.state, SEALS.state) as StateRecord | undefined;
  if (config?.name !== name || record?.status !== 'running' || record.pid === 0 || !isAlive(record.supervisor)) return undefined;
  return { config, runDir: paths.run, eventLog: new EventLog(roots).path, process: { pid: record.pid, start: record.pidStart } };
}
