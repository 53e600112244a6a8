import { MydockerError } from '../errors.ts';
import { COMPOSE_VERSION, LABELS } from '../model/compose-labels.ts';
import type { NetworkDefinition } from '../model/project.ts';
import type { Container, NetworkDraft, NetworkRecord } from '../model/runtime.ts';
import { changesBetween, describeChanges } from './changes.ts';
import { isAlive } from './container-facts.ts';
import type { UpState } from './up-request.ts';

export interface PlannedNetworks {
  /** Operation that makes a network, by its full name. */
  readonly made: ReadonlyMap<string, string>;
  /** Operation that stops a container whose network is made anew, by container id. */
  readonly stopped: ReadonlyMap<string, string>;
}

/** Networks that the selected services use: made when missing, made anew when their definition changed. */
export function planNetworks(state: UpState): PlannedNetworks {
  const made = new Map<string, string>();
  const stopped = new Map<string, string>();
  for (const key of usedNetworks(state)) {
    const definition = state.desired.project.networks?.[key];
    if (definition === undefined) continue;
    const existing = state.observed.networks.get(definition.name);
    if (definition.external === true) {
      if (existing === undefined) {
        throw new MydockerError('not-found', `network ${definition.name} declared as external, but could not be found`, {
          resource: `networks.${key}`,
          hint: `make it with \`mydocker network create ${definition.name}\``,
        });
      }
      continue;
    }
    if (existing === undefined) made.set(definition.name, create(state, key, definition, 'not there', []));
    else if (checkOwner(state, key, existing) && existing.labels[LABELS.configHash] !== state.desired.networkHashes[key]) {
      made.set(definition.name, replace(state, key, definition, stopped));
    }
  }
  return { made, stopped };
}

function usedNetworks({ desired, selected }: UpState): readonly string[] {
  if (desired.allResources === true) return Object.keys(desired.project.networks ?? {}).sort();
  const keys = selected.flatMap((name) => {
    const service = desired.project.services[name];
    const mode = service?.network_mode;
    return [...Object.keys(service?.networks ?? {}), ...(mode === undefined ? [] : [mode])];
  });
  return [...new Set(keys)].sort();
}

function checkOwner({ desired }: UpState, key: string, existing: NetworkRecord): boolean {
  const owner = existing.labels[LABELS.project];
  if (owner === desired.project.name) return true;
  throw new MydockerError(
    'conflict',
    owner === undefined
      ? `network ${existing.name} exists but was not made by this project`
      : `network ${existing.name} belongs to project ${owner}`,
    { resource: `networks.${key}`, hint: 'set `external: true` to use it, or give the network another `name`' },
  );
}

function replace(state: UpState, key: string, definition: NetworkDefinition, stopped: Map<string, string>): string {
  const changes = changesBetween(`networks.${key}`, state.recorded.project?.networks?.[key], definition);
  const cause = state.recorded.project === undefined || changes.length === 0 ? `networks.${key} changed` : describeChanges(changes);
  const stops = state.observed.containers
    .filter((container) => isAlive(container) && isOn(container, definition.name))
    .map((container) => {
      const id = state.list.add('stop-container', {
        resource: `container ${container.config.name}`,
        cause: `its network ${definition.name} is made anew`,
        service: container.config.labels[LABELS.service] ?? '',
        number: 0,
        name: container.config.name,
        containerId: container.config.id,
        preStop: [],
        ...(state.request.timeout === undefined ? {} : { timeout: state.request.timeout }),
      });
      stopped.set(container.config.id, id);
      return id;
    });
  const removed = state.list.add('remove-network', { resource: `network ${definition.name}`, cause, name: definition.name, needs: stops });
  return create(state, key, definition, cause, [removed]);
}

function isOn({ config }: Container, network: string): boolean {
  return config.network.endpoints.some((endpoint) => endpoint.network === network);
}

function create(state: UpState, key: string, definition: NetworkDefinition, cause: string, needs: readonly string[]): string {
  return state.list.add('create-network', {
    resource: `network ${definition.name}`,
    cause,
    needs,
    draft: networkDraft(state, key, definition),
  });
}

function networkDraft({ desired }: UpState, key: string, definition: NetworkDefinition): NetworkDraft {
  return {
    name: definition.name,
    ...(definition.driver === undefined ? {} : { driver: definition.driver }),
    driverOpts: definition.driver_opts ?? {},
    labels: {
      ...definition.labels,
      [LABELS.project]: desired.project.name,
      [LABELS.network]: key,
      [LABELS.version]: COMPOSE_VERSION,
      [LABELS.configHash]: desired.networkHashes[key] ?? '',
    },
    internal: definition.internal ?? false,
    attachable: definition.attachable ?? false,
    ...(definition.enable_ipv4 === undefined ? {} : { enableIpv4: definition.enable_ipv4 }),
    ...(definition.enable_ipv6 === undefined ? {} : { enableIpv6: definition.enable_ipv6 }),
    ipam: (definition.ipam?.config ?? []).map(({ subnet, gateway, ip_range, aux_addresses }) => ({
      ...(subnet === undefined ? {} : { subnet }),
      ...(gateway === undefined ? {} : { gateway }),
      ...(ip_range === undefined ? {} : { ipRange: ip_range }),
      ...(aux_addresses === undefined ? {} : { auxAddresses: aux_addresses }),
    })),
  };
}
