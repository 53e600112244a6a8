import type { ContainerConfig } from '../../model/container.ts';
import type { ContainerUpdate } from '../../model/runtime.ts';
import { controlRequest, NoSupervisorError } from '../core/control-client.ts';
import type { Fields } from '../core/frame.ts';
import { cgroupPathOf, limitWrites, planCgroups } from './cgroup-plan.ts';
import { restartText } from './launch-request.ts';
import { releaseWrites } from './release-limits.ts';
import type { ContainerServices } from './services.ts';
import { withContainer } from './start.ts';

/** Changes what a container may take over while it runs; a running one gets it at once, and keeps it when it is restarted. */
export async function updateContainer(services: ContainerServices, id: string, change: ContainerUpdate): Promise<void> {
  await withContainer(services, id, async (config) => {
    const next: ContainerConfig = {
      ...config,
      resources: change.resources ?? config.resources,
      restart: change.restart ?? config.restart,
      labels: change.labels ?? config.labels,
    };
    await tellSupervisor(services, id, [
      ...(change.restart === undefined ? [] : restartFields(change.restart)),
      ...(change.resources === undefined ? [] : limitFields(services, config, next)),
    ]);
    await services.records.write(next);
    services.context.events.append({ type: 'container', action: 'update', id, attributes: { ...next.labels, name: next.name } });
  });
}

function restartFields(restart: ContainerConfig['restart']): Fields {
  return [
    ['restart', restartText(restart)],
    ['restart.on_unhealthy', restart.onUnhealthy === true ? '1' : '0'],
  ];
}

function limitFields({ context, cgroups }: ContainerServices, before: ContainerConfig, after: ContainerConfig): Fields {
  const facts = cgroups.facts(after);
  const path = cgroupPathOf(after);
  const { writes, warnings } = limitWrites(after.resources, facts, path);
  for (const warning of warnings) context.warn(warning);
  return [
    ...[...releaseWrites(before.resources, after.resources, facts, path), ...writes].map((line) => ['cgroup.write', line] as const),
    ...planCgroups(after, facts).writes.map((line) => ['cgroup.launch', line] as const),
  ];
}

async function tellSupervisor({ records }: ContainerServices, id: string, fields: Fields): Promise<void> {
  if (fields.length === 0) return;
  try {
    await controlRequest(records.paths(id).run, 'update', fields);
  } catch (error) {
    if (!(error instanceof NoSupervisorError)) throw error;
  }
}
