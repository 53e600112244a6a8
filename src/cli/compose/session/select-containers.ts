import { MydockerError } from '../../../errors.ts';
import { LABELS } from '../../../model/compose-labels.ts';
import type { Container, Runtime } from '../../../model/runtime.ts';
import { containerName, containerNumberOf, isOneOff, replicasOf, serviceNameOf } from '../../../plan/container-facts.ts';
import type { ContainerSelection } from '../../../plan/plan-containers.ts';
import type { ProjectOrName } from './load-desired.ts';
import { projectContainers } from './observe.ts';

/** Services that exist: of the files, or of the containers when there are no files. */
function knownServices({ desired }: ProjectOrName, containers: readonly Container[]): ReadonlySet<string> {
  return new Set(
    desired === undefined
      ? containers.map(serviceNameOf)
      : [...Object.keys(desired.project.services), ...Object.keys(desired.disabledServices)],
  );
}

/** Services that a command without names is about: switched on in the files, or those of the containers when there are no files. */
export function activeServices({ desired }: ProjectOrName, containers: readonly Container[]): readonly string[] {
  return desired === undefined ? [...new Set(containers.map(serviceNameOf))] : Object.keys(desired.project.services);
}

export function checkServices(target: ProjectOrName, containers: readonly Container[], services: readonly string[]): void {
  const known = knownServices(target, containers);
  const unknown = services.find((name) => !known.has(name));
  if (unknown !== undefined) throw new MydockerError('not-found', `no such service: ${unknown}`);
}

interface Selecting {
  readonly oneOffs?: boolean;
  /** Without names also the containers of services that the files do not have, or have switched off. */
  readonly undeclared?: boolean;
}

/** The containers of these services, of all active ones when none is named; without one-offs unless asked for. */
export async function selectContainers(
  runtime: Runtime,
  target: ProjectOrName,
  services: readonly string[],
  options: Selecting = {},
): Promise<ContainerSelection> {
  const all = await projectContainers(runtime, target.name);
  checkServices(target, all, services);
  const everything = services.length === 0 && options.undeclared === true;
  const wanted = new Set(services.length > 0 ? services : activeServices(target, all));
  const containers = all
    .filter((container) => (everything || wanted.has(serviceNameOf(container))) && (options.oneOffs === true || !isOneOff(container)))
    .sort((a, b) =>
      serviceNameOf(a) < serviceNameOf(b) ? -1 : serviceNameOf(a) > serviceNameOf(b) ? 1 : containerNumberOf(a) - containerNumberOf(b),
    );
  return { projectName: target.name, containers, ...(target.desired === undefined ? {} : { project: target.desired.project }) };
}

/**
 * The container that the search below would find, by the name it has unless somebody gave it another: so that the answer
 * does not take the longer the more containers there are. Without an index that is the first one, if it runs.
 */
async function likelyReplica(runtime: Runtime, target: ProjectOrName, service: string, index: number): Promise<Container | undefined> {
  const number = index > 0 ? index : 1;
  const project = target.desired?.project;
  const name = containerName({ name: target.name, separator: project?.separator }, service, project?.services[service], number);
  let container: Container;
  try {
    container = await runtime.containers.get(name);
  } catch (error) {
    if (error instanceof MydockerError) return undefined;
    throw error;
  }
  const isIt =
    container.config.labels[LABELS.project] === target.name &&
    serviceNameOf(container) === service &&
    containerNumberOf(container) === number &&
    !isOneOff(container) &&
    (index > 0 || container.state.status === 'running');
  return isIt ? container : undefined;
}

/** The one container that `exec`, `cp`, `port` and the like are about. */
export async function selectReplica(
  runtime: Runtime,
  target: ProjectOrName,
  service: string,
  index: number | undefined,
): Promise<Container> {
  const likely = await likelyReplica(runtime, target, service, index ?? 0);
  if (likely !== undefined) return likely;
  const all = await projectContainers(runtime, target.name);
  const replicas = replicasOf(all, service);
  const oneOffs = all.filter((container) => serviceNameOf(container) === service && isOneOff(container));
  if (replicas.length + oneOffs.length === 0) checkServices(target, all, [service]);
  if (index !== undefined && index > 0) {
    const found = replicas.find((container) => containerNumberOf(container) === index);
    if (found === undefined) throw new MydockerError('not-found', `service "${service}" has no container with index ${String(index)}`);
    return found;
  }
  const found = [...replicas, ...oneOffs].find(({ state }) => state.status === 'running') ?? replicas[0];
  if (found === undefined) throw new MydockerError('not-found', `service "${service}" is not running`, { hint: 'start it with `up -d`' });
  return found;
}
