import { MydockerError } from '../errors.ts';
import { LABELS } from '../model/compose-labels.ts';
import type { Plan } from '../model/plan.ts';
import type { Project } from '../model/project.ts';
import type { Container } from '../model/runtime.ts';
import type { Service } from '../model/service.ts';
import { containerNumberOf, isAlive, replicasOf, serviceNameOf } from './container-facts.ts';
import { planHooks } from './hooks.ts';
import { OperationList } from './operation-list.ts';
import { inDependencyOrder } from './service-order.ts';

/** Containers that a command is about, and where the hooks come from. */
export interface ContainerSelection {
  readonly projectName: string;
  readonly containers: readonly Container[];
  /** Absent when the command was given a project name and no files. */
  readonly project?: Project;
}

/** Services that this container's service depends on, from its own label: it works without the files. */
export function dependenciesOf({ config }: Container): readonly { readonly service: string; readonly restart: boolean }[] {
  return (config.labels[LABELS.dependsOn] ?? '')
    .split(',')
    .filter((entry) => entry !== '')
    .map((entry) => {
      const [service = '', , restart] = entry.split(':');
      return { service, restart: restart === 'true' };
    });
}

export function describeContainer(container: Container): {
  readonly resource: string;
  readonly service: string;
  readonly number: number;
  readonly name: string;
  readonly containerId: string;
} {
  const { config } = container;
  return {
    resource: `container ${config.name}`,
    service: serviceNameOf(container),
    number: containerNumberOf(container),
    name: config.name,
    containerId: config.id,
  };
}

/** Adds stops so that what depends on a service stops before it; returns the ids by container id. */
export function addStops(
  list: OperationList,
  { containers, project }: ContainerSelection,
  timeout: number | undefined,
  cause = '',
): ReadonlyMap<string, string> {
  const alive = containers.filter(isAlive);
  const dependents = stopsOfDependents(alive);
  const ids = new Map<string, string>();
  for (const container of alive) {
    const name = serviceNameOf(container);
    const id = list.add('stop-container', {
      ...describeContainer(container),
      cause,
      after: dependents.get(name) ?? [],
      preStop: planHooks(project?.services[name]?.pre_stop),
      ...(timeout === undefined ? {} : { timeout }),
    });
    ids.set(container.config.id, id);
  }
  return ids;
}

/** The stops of the containers that depend on each service. */
function stopsOfDependents(containers: readonly Container[]): ReadonlyMap<string, readonly string[]> {
  const stops = new Map<string, string[]>();
  for (const container of containers) {
    const services = new Set(dependenciesOf(container).map(({ service }) => service));
    services.delete(serviceNameOf(container));
    for (const service of services) {
      const ids = stops.get(service) ?? [];
      stops.set(service, ids);
      ids.push(`stop container ${container.config.name}`);
    }
  }
  return stops;
}

export function planStop(selection: ContainerSelection, timeout?: number): Plan {
  const list = new OperationList();
  addStops(list, selection, timeout);
  return list.toPlan(selection.projectName);
}

/** Starts what is stopped, dependencies first; with files it waits for their conditions. No container at all is an error. */
export function planStart({ projectName, containers, project }: ContainerSelection, services: readonly string[]): Plan {
  const list = new OperationList();
  const started = new Map<string, readonly string[]>();
  for (const name of project === undefined ? services : inDependencyOrder(project.services)) {
    if (!services.includes(name)) continue;
    const replicas = replicasOf(containers, name);
    const service = project?.services[name];
    if (replicas.length === 0) {
      if (service?.scale === 0 || service?.deploy?.replicas === 0) continue;
      if (containers.length === 0) {
        throw new MydockerError('not-found', `service "${name}" has no container to start`, { hint: 'make it with `up` or `create`' });
      }
      list.warnings.push(`service "${name}" has no container to start; make it with \`up\` or \`create\``);
      continue;
    }
    const stopped = replicas.filter((container) => !isAlive(container));
    const needs: string[] = [];
    const after: string[] = [];
    for (const [dependency, { condition, required }] of Object.entries(stopped.length > 0 ? (service?.depends_on ?? {}) : {})) {
      const before = started.get(dependency) ?? [];
      if (before.length === 0 || condition === 'service_started') {
        (required ? needs : after).push(...before);
        continue;
      }
      const wait = list.add('wait-for', {
        resource: `service ${dependency} ${condition === 'service_healthy' ? 'to be healthy' : 'to complete'}`,
        cause: 'others depend on it',
        service: dependency,
        condition,
        count: 1,
        optional: !required,
        needs: before,
      });
      (required ? needs : after).push(wait);
    }
    started.set(
      name,
      stopped.map((container) =>
        list.add('start-container', {
          ...describeContainer(container),
          cause: '',
          needs,
          after,
          postStart: planHooks(service?.post_start),
        }),
      ),
    );
  }
  return list.toPlan(projectName);
}

/** Restarts the services, and those that depend on them with `restart: true`, each after what it depends on. */
export function planRestart(
  { projectName, containers, project }: ContainerSelection,
  services: readonly string[],
  options: { readonly timeout?: number; readonly noDeps: boolean },
): Plan {
  const list = new OperationList();
  const wanted = new Set(services);
  if (!options.noDeps) {
    for (let size = -1; size !== wanted.size;) {
      size = wanted.size;
      for (const container of containers) {
        if (dependenciesOf(container).some(({ service, restart }) => restart && wanted.has(service))) wanted.add(serviceNameOf(container));
      }
    }
  }
  const chosen = containers.filter((container) => wanted.has(serviceNameOf(container)));
  for (const container of chosen) {
    const before = chosen.filter((other) => dependenciesOf(container).some(({ service }) => service === serviceNameOf(other)));
    const service = project?.services[serviceNameOf(container)];
    list.add('restart-container', {
      ...describeContainer(container),
      cause: '',
      after: [...before.map(restartId), ...waitsForHealth(list, service, before)],
      preStop: planHooks(service?.pre_stop),
      postStart: planHooks(service?.post_start),
      ...(options.timeout === undefined ? {} : { timeout: options.timeout }),
    });
  }
  return list.toPlan(projectName);
}

function restartId({ config }: Container): string {
  return `restart container ${config.name}`;
}

/** A dependent restarts when what it waits for is healthy again. */
function waitsForHealth(list: OperationList, service: Service | undefined, restarted: readonly Container[]): readonly string[] {
  return Object.entries(service?.depends_on ?? {}).flatMap(([name, { condition }]) => {
    const replicas = restarted.filter((container) => serviceNameOf(container) === name);
    if (condition !== 'service_healthy' || replicas.length === 0) return [];
    return [
      list.add('wait-for', {
        resource: `service ${name} to be healthy`,
        cause: 'others depend on it',
        service: name,
        condition,
        count: replicas.length,
        optional: true,
        after: replicas.map(restartId),
      }),
    ];
  });
}

export function planKill({ projectName, containers }: ContainerSelection, signal: string): Plan {
  const list = new OperationList();
  for (const container of containers.filter(isAlive)) list.add('kill-container', { ...describeContainer(container), cause: '', signal });
  return list.toPlan(projectName);
}

/** One that is paused already is part of the plan too: that it fails is what the caller has to know. */
export function planPause({ projectName, containers }: ContainerSelection): Plan {
  const list = new OperationList();
  for (const container of containers.filter(({ state }) => state.status === 'running' || state.status === 'paused')) {
    list.add('pause-container', { ...describeContainer(container), cause: '' });
  }
  return list.toPlan(projectName);
}

/** One that runs fails, as for `planPause`. */
export function planUnpause({ projectName, containers }: ContainerSelection): Plan {
  const list = new OperationList();
  for (const container of containers.filter(isAlive)) {
    list.add('unpause-container', { ...describeContainer(container), cause: '' });
  }
  return list.toPlan(projectName);
}

/** Removes stopped containers; with `stop` all of them, stopped first. */
export function planRemove(selection: ContainerSelection, options: { readonly stop: boolean; readonly volumes: boolean }): Plan {
  const list = new OperationList();
  const stops = options.stop ? addStops(list, selection, undefined) : new Map<string, string>();
  for (const container of selection.containers) {
    const stop = stops.get(container.config.id);
    if (stop === undefined && isAlive(container)) continue;
    list.add('remove-container', {
      ...describeContainer(container),
      cause: '',
      force: false,
      volumes: options.volumes,
      needs: stop === undefined ? [] : [stop],
    });
  }
  return list.toPlan(selection.projectName);
}
