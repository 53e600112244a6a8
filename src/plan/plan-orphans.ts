import type { Project } from '../model/project.ts';
import type { Container } from '../model/runtime.ts';
import { isAlive, isOneOff, serviceNameOf } from './container-facts.ts';
import { removeContainer } from './plan-replicas.ts';
import type { UpState } from './up-request.ts';

/** Containers of services that the files no longer have, and one-off containers that have ended. */
export function orphansAmong(
  containers: readonly Container[],
  services: Project['services'],
  disabled: Project['services'],
): readonly Container[] {
  return containers.filter((container) =>
    isOneOff(container) ? !isAlive(container) : !(serviceNameOf(container) in services) && !(serviceNameOf(container) in disabled),
  );
}

export function planOrphans(state: UpState): void {
  const { desired, observed, request, list } = state;
  const orphans = orphansAmong(observed.containers, desired.project.services, desired.disabledServices);
  if (orphans.length === 0) return;
  if (request.removeOrphans) {
    for (const orphan of orphans) removeContainer(state, undefined, orphan, `service ${serviceNameOf(orphan)} is no longer there`);
  } else if (!request.ignoreOrphans) {
    list.warnings.push(orphanWarning(orphans));
  }
}

export function orphanWarning(orphans: readonly Container[]): string {
  const names = orphans.map(({ config }) => config.name).join(' ');
  return `Found orphan containers ([${names}]) for this project. If you removed or renamed this service in your compose file, you can run this command with the --remove-orphans flag to clean it up.`;
}
