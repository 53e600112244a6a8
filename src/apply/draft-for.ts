import { imageName } from '../model/image-name.ts';
import { LABELS } from '../model/compose-labels.ts';
import type { Container, ContainerDraft, Image } from '../model/runtime.ts';
import type { Service } from '../model/service.ts';
import { containerDraft } from '../plan/container-draft.ts';
import { replicasOf } from '../plan/container-facts.ts';
import { serviceOf } from '../plan/desired.ts';
import { creationDependencies } from '../plan/service-order.ts';
import { containerByName, desiredOf, imageOf, type ApplyContext } from './apply-context.ts';

export interface DraftRequest {
  readonly service: string;
  readonly number: number;
  readonly name: string;
  /** Replaces the project's words for the service: `run` with its own flags. */
  readonly override?: Service;
  readonly oneOff?: boolean;
  readonly carriedVolumes?: ReadonlyMap<string, string>;
}

/** Gathers what the translation needs to know of the world, and translates. */
export async function draftFor(context: ApplyContext, request: DraftRequest): Promise<ContainerDraft> {
  const desired = desiredOf(context);
  const service = request.override ?? serviceOf(desired.project, request.service);
  const [image, others, named, images] = await Promise.all([
    imageOf(context, imageName(desired.project, request.service)),
    projectContainers(context, service),
    namedContainers(context, service),
    mountedImages(context, service),
  ]);
  return containerDraft({
    desired,
    serviceName: request.service,
    service,
    number: request.number,
    name: request.name,
    hash: desired.serviceHashes[request.service] ?? '',
    image,
    oneOff: request.oneOff ?? false,
    images,
    containersOf: (other) => replicasOf(others, other),
    containerNamed: (reference) => named.get(reference),
    carriedVolumes: request.carriedVolumes ?? new Map(),
  });
}

function projectContainers({ runtime, projectName }: ApplyContext, service: Service): Promise<readonly Container[]> {
  if (creationDependencies(service).length === 0) return Promise.resolve([]);
  return runtime.containers.list({ labels: [`${LABELS.project}=${projectName}`] });
}

async function namedContainers(context: ApplyContext, service: Service): Promise<ReadonlyMap<string, Container>> {
  const modes = [service.network_mode, service.pid, service.ipc].filter((mode) => mode?.startsWith('container:') === true);
  const volumes = (service.volumes_from ?? []).filter((entry) => entry.startsWith('container:'));
  const references = [...modes, ...volumes.map((entry) => entry.replace(/:r[ow]$/, ''))].map(
    (entry) => entry?.slice('container:'.length) ?? '',
  );
  const found = new Map<string, Container>();
  for (const reference of references) {
    const container = await containerByName(context, reference);
    if (container !== undefined) found.set(reference, container);
  }
  return found;
}

async function mountedImages(context: ApplyContext, service: Service): Promise<ReadonlyMap<string, Image>> {
  const images = new Map<string, Image>();
  for (const { type, source } of service.volumes ?? []) {
    if (type === 'image' && source !== undefined) images.set(source, await imageOf(context, source));
  }
  return images;
}
