import type { ContainerConfig } from '../../model/container.ts';
import type { ContainerUpdate } from '../../model/runtime.ts';
import { controlRequest, NoSupervisorError } from '../core/control-client.ts';
import type { Fields } from '../core/frame.ts';
import { cgroupPathOf, limitWrites } from './cgroup-plan.ts';
import { restartText } from './launch-request.ts';
import type { ContainerServices } from './services.ts';
import { withContainer } from './start.ts';

/** Changes limits, restart policy or labels; a running container gets the limits at once. */
export async function updateContainer(services: ContainerServices, id: string, change: ContainerUpdate): Promise<void> {
  await withContainer(services, id, async (config) => {
    const next: ContainerConfig = {
      ...config,
      resources: { ...config.resources, ...change.resources },
      restart: change.restart ?? config.restart,
      labels: change.labels ?? config.labels,
    };
    const { writes, warnings } = limitWrites(next.resources, services.cgroups.facts(next), cgroupPathOf(next));
    for (const warning of warnings) services.context.warn(warning);
    await tellSupervisor(services, id, [
      ...(change.restart === undefined ? [] : [['restart', restartText(change.restart)] as const]),
      ...(change.resources === undefined ? [] : writes.map((line) => ['cgroup.write', line] as const)),
    ]);
    await services.records.write(next);
    services.context.events.append({ type: 'container', action: 'update', id, attributes: { ...next.labels, name: next.name } });
  });
}

async function tellSupervisor({ records }: ContainerServices, id: string, fields: Fields): Promise<void> {
  if (fields.length === 0) return;
  try {
    await controlRequest(records.paths(id).run, 'update', fields);
  } catch (error) {
    if (!(error instanceof NoSupervisorError)) throw error;
  }
}
