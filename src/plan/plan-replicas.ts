import { imageName } from '../model/image-name.ts';
import type { Container } from '../model/runtime.ts';
import type { Service } from '../model/service.ts';
import { divergence, type Divergence } from './container-cause.ts';
import { containerName, containerNumberOf, isAlive, isProvisionalName, replicasOf } from './container-facts.ts';
import { serviceOf } from './desired.ts';
import { planHooks } from './hooks.ts';
import type { PlannedNetworks } from './plan-networks.ts';
import { borrowedServices, creationDependencies } from './service-order.ts';
import { recreatePolicy, wantedScale, type UpState } from './up-request.ts';

/** One container a service is to have, after everything but its start is planned. */
export interface Replica {
  readonly service: string;
  readonly number: number;
  readonly name: string;
  readonly existing?: Container;
  /** Operations that must have succeeded before it can start. */
  readonly prepared: readonly string[];
  /** It is made or made anew by this plan. */
  readonly made: boolean;
  /** It runs and nothing stops it. */
  readonly running: boolean;
}

/** Operations that resources of a service wait for, from the earlier parts of the plan. */
export interface Prepared {
  readonly images: ReadonlyMap<string, readonly string[]>;
  readonly networks: PlannedNetworks;
  readonly volumes: ReadonlyMap<string, string>;
  readonly replicas: ReadonlyMap<string, readonly Replica[]>;
}

/** Containers of one service: extra ones removed, missing ones made, changed ones made anew or updated. */
export function planReplicas(state: UpState, name: string, prepared: Prepared): readonly Replica[] {
  const service = serviceOf(state.desired.project, name);
  const scale = wantedScale(service, state.request.scale[name]);
  const existing = settle(state, replicasOf(state.observed.containers, name));
  const kept = existing.slice(0, scale);
  for (const extra of existing.slice(scale)) {
    removeContainer(state, service, extra, `services.${name}: scale ${String(existing.length)} -> ${String(scale)}`);
  }
  const needs = resourceNeeds(state, name, service, prepared);
  const replicas = kept.map((container) => keepReplica(state, name, service, container, needs, prepared));
  const taken = new Set(kept.map(containerNumberOf));
  const cause = existing.length === 0 ? 'not there' : `services.${name}: scale ${String(existing.length)} -> ${String(scale)}`;
  for (let number = 1; replicas.length < scale; number++) {
    if (!taken.has(number)) replicas.push(newReplica(state, name, service, number, cause, needs));
  }
  return replicas;
}

/** Leaves one container a number: what an interrupted recreation left under a provisional name goes when the real one is there. */
function settle(state: UpState, containers: readonly Container[]): readonly Container[] {
  const byNumber = new Map<number, Container>();
  for (const container of containers) {
    const other = byNumber.get(containerNumberOf(container));
    if (other === undefined) {
      byNumber.set(containerNumberOf(container), container);
      continue;
    }
    const loser = isProvisionalName(container.config.name) ? container : other;
    byNumber.set(containerNumberOf(container), loser === container ? other : container);
    removeContainer(state, undefined, loser, 'left over from an interrupted recreation');
  }
  return [...byNumber.values()].sort((a, b) => containerNumberOf(a) - containerNumberOf(b));
}

export function removeContainer(state: UpState, service: Service | undefined, container: Container, cause: string): string {
  const { config } = container;
  const resource = `container ${config.name}`;
  const common = { resource, cause, service: '', number: containerNumberOf(container), name: config.name, containerId: config.id };
  const timeout = state.request.timeout === undefined ? {} : { timeout: state.request.timeout };
  const stops = isAlive(container)
    ? [state.list.add('stop-container', { ...common, ...timeout, preStop: planHooks(service?.pre_stop) })]
    : [];
  return state.list.add('remove-container', { ...common, force: false, volumes: false, needs: stops });
}

function resourceNeeds(state: UpState, name: string, service: Service, prepared: Prepared): readonly string[] {
  const { project } = state.desired;
  const networks = Object.keys(service.networks ?? {}).map((key) => prepared.networks.made.get(project.networks?.[key]?.name ?? ''));
  const volumes = (service.volumes ?? []).map(({ source }) => prepared.volumes.get(project.volumes?.[source ?? '']?.name ?? ''));
  const others = creationDependencies(service).flatMap((other) =>
    (prepared.replicas.get(other) ?? []).flatMap((replica) => replica.prepared),
  );
  return [...(prepared.images.get(name) ?? []), ...[...networks, ...volumes].filter((id) => id !== undefined), ...others];
}

function keepReplica(
  state: UpState,
  name: string,
  service: Service,
  container: Container,
  needs: readonly string[],
  prepared: Prepared,
): Replica {
  const number = containerNumberOf(container);
  const wantedName = containerName(state.desired.project, name, service, number);
  const about = { service: name, number, name: wantedName, containerId: container.config.id, resource: `container ${wantedName}` };
  const difference = decide(state, name, service, container, prepared);
  const stop = prepared.networks.stopped.get(container.config.id);
  const stopped = stop === undefined ? [] : [stop];
  if (difference.kind === 'recreate') {
    const id = state.list.add('recreate-container', {
      ...about,
      cause: difference.cause,
      needs: [...needs, ...stopped],
      renewVolumes: state.request.renewAnonymousVolumes,
      preStop: planHooks(service.pre_stop),
      ...(state.request.timeout === undefined ? {} : { timeout: state.request.timeout }),
    });
    return { service: name, number, name: wantedName, existing: container, prepared: [id], made: true, running: false };
  }
  const running = stop === undefined && (container.state.status === 'running' || container.state.status === 'restarting');
  const changes = [...stopped, ...needs.filter((id) => !running && id.startsWith('create network'))];
  if (container.config.name !== wantedName) {
    changes.push(state.list.add('rename-container', { ...about, cause: `it is called ${container.config.name}` }));
  }
  if (difference.kind === 'update') changes.push(state.list.add('update-container', { ...about, cause: difference.cause }));
  return { service: name, number, name: wantedName, existing: container, prepared: changes, made: false, running };
}

function decide(state: UpState, name: string, service: Service, container: Container, prepared: Prepared): Divergence {
  const policy = recreatePolicy(state, name);
  if (policy === 'never') return { kind: 'none' };
  if (policy === 'force') return { kind: 'recreate', cause: 'forced' };
  if (container.state.status === 'dead') {
    const { error } = container.state;
    return { kind: 'recreate', cause: error === '' ? 'it is dead' : error };
  }
  const lost = container.config.mounts.find((mount) => mount.type === 'volume' && prepared.volumes.has(mount.volume));
  if (lost?.type === 'volume') return { kind: 'recreate', cause: `its volume ${lost.volume} is made anew` };
  const lender = borrowedServices(service).find((other) => (prepared.replicas.get(other) ?? []).some(({ made }) => made));
  if (lender !== undefined) return { kind: 'recreate', cause: `it shares with service ${lender}, which is made anew` };
  if (state.list.has(`build image ${imageName(state.desired.project, name)}`)) return { kind: 'recreate', cause: 'its image is built' };
  return divergence(state, name, service, container);
}

function newReplica(state: UpState, name: string, service: Service, number: number, cause: string, needs: readonly string[]): Replica {
  const full = containerName(state.desired.project, name, service, number);
  const id = state.list.add('create-container', { resource: `container ${full}`, cause, service: name, number, name: full, needs });
  return { service: name, number, name: full, prepared: [id], made: true, running: false };
}
