import type { Container } from '../model/runtime.ts';
import type { WaitCondition } from '../model/plan.ts';
import type { Service, ServiceDependency } from '../model/service.ts';
import { serviceOf } from './desired.ts';
import { planHooks } from './hooks.ts';
import type { Prepared, Replica } from './plan-replicas.ts';
import { startDependencies } from './service-order.ts';
import type { UpState } from './up-request.ts';

interface Edges {
  readonly needs: readonly string[];
  readonly after: readonly string[];
}

/** Starts of one service's containers, after what it depends on; the ids, by which others wait for it. */
export function planStarts(
  state: UpState,
  name: string,
  prepared: Prepared,
  started: ReadonlyMap<string, readonly string[]>,
  creations: readonly string[],
): readonly string[] {
  const service = serviceOf(state.desired.project, name);
  const replicas = prepared.replicas.get(name) ?? [];
  const stopped = replicas.filter(({ running }) => !running);
  const dependents = stopped.length > 0 ? waits(state, service, prepared, started) : { needs: [], after: [] };
  const starts = stopped.map((replica) => start(state, service, replica, dependents, creations));
  return [...starts, ...restarts(state, service, replicas, prepared, started)];
}

function start(state: UpState, service: Service, replica: Replica, { needs, after }: Edges, creations: readonly string[]): string {
  const { existing, name, number, prepared } = replica;
  const common = {
    resource: `container ${name}`,
    service: replica.service,
    number,
    name,
    cause: startCause(replica),
    needs: [...prepared, ...creations, ...needs],
    after,
  };
  if (existing !== undefined && !replica.made && existing.state.status === 'paused') {
    return state.list.add('unpause-container', { ...common, containerId: existing.config.id });
  }
  return state.list.add('start-container', {
    ...common,
    ...(existing === undefined || replica.made ? {} : { containerId: existing.config.id }),
    postStart: planHooks(service.post_start),
  });
}

function startCause({ existing, made, prepared }: Replica): string {
  if (existing === undefined) return 'new';
  if (made) return 'made anew';
  if (prepared.some((id) => id.startsWith('stop '))) return 'its network is made anew';
  return describeStatus(existing);
}

function describeStatus({ state }: Container): string {
  if (state.status === 'exited') return `it exited with ${String(state.exitCode)}`;
  return state.status === 'created' ? 'it never started' : `it is ${state.status}`;
}

/** What a start waits for: starts of dependencies, or operations that wait for their condition. */
function waits(state: UpState, service: Service, prepared: Prepared, started: ReadonlyMap<string, readonly string[]>): Edges {
  const needs: string[] = [];
  const after: string[] = [];
  for (const [name, dependency] of Object.entries(startDependencies(service))) {
    const replicas = prepared.replicas.get(name);
    if (replicas === undefined || replicas.length === 0) continue;
    const starts = started.get(name) ?? [];
    const ids =
      dependency.condition === 'service_started' || isMet(dependency.condition, replicas)
        ? starts
        : [wait(state, name, dependency, replicas, starts)];
    (dependency.required ? needs : after).push(...ids);
  }
  return { needs, after };
}

function wait(
  state: UpState,
  name: string,
  { condition, required }: ServiceDependency,
  replicas: readonly Replica[],
  starts: readonly string[],
): string {
  return state.list.add('wait-for', {
    resource: `service ${name} ${WAITED[condition]}`,
    cause: 'others depend on it',
    service: name,
    condition,
    count: replicas.length,
    optional: !required,
    needs: required ? starts : [],
    after: required ? [] : starts,
  });
}

const WAITED: Readonly<Record<WaitCondition, string>> = {
  service_started: 'to be started',
  service_healthy: 'to be healthy',
  service_completed_successfully: 'to complete',
};

/** It is so already and this plan does not change it. */
function isMet(condition: WaitCondition, replicas: readonly Replica[]): boolean {
  return (
    condition === 'service_healthy' && replicas.every(({ running, existing }) => running && existing?.state.health?.status === 'healthy')
  );
}

/** A running container restarts when what it depends on is made anew (`restart: true`), or when its start was cut off before its hooks. */
function restarts(
  state: UpState,
  service: Service,
  replicas: readonly Replica[],
  prepared: Prepared,
  started: ReadonlyMap<string, readonly string[]>,
): readonly string[] {
  const changed = Object.entries(service.depends_on ?? {}).find(
    ([name, { restart }]) =>
      restart === true && (prepared.replicas.get(name) ?? []).some(({ made, existing }) => made && existing !== undefined),
  )?.[0];
  const restarted = replicas.filter(({ running, existing }) => running && (changed !== undefined || existing?.state.hooksOwed === true));
  if (restarted.length === 0) return [];
  const { needs, after } = waits(state, service, prepared, started);
  return restarted.flatMap(({ existing, name, number, prepared: before, service: serviceName }) =>
    existing === undefined
      ? []
      : [
          state.list.add('restart-container', {
            resource: `container ${name}`,
            cause:
              changed === undefined
                ? 'its start was cut off before its post_start hooks had run'
                : `it depends on service ${changed}, which is made anew`,
            service: serviceName,
            number,
            name,
            containerId: existing.config.id,
            needs: [...before, ...needs],
            after,
            preStop: planHooks(service.pre_stop),
            postStart: planHooks(service.post_start),
            ...(state.request.timeout === undefined ? {} : { timeout: state.request.timeout }),
          }),
        ],
  );
}
