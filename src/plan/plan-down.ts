import type { Plan } from '../model/plan.ts';
import { addStops, describeContainer, type ContainerSelection } from './plan-containers.ts';
import { OperationList } from './operation-list.ts';

/** What `down` is to take away; the caller has decided which networks, volumes and images are the project's. */
export interface DownRequest {
  readonly selection: ContainerSelection;
  readonly timeout?: number;
  readonly removeAnonymousVolumes: boolean;
  /** Full names. */
  readonly networks: readonly string[];
  readonly volumes: readonly string[];
  readonly images: readonly string[];
  readonly warnings: readonly string[];
}

/** Containers stop in reverse order of their dependencies; what they used goes when all of them are gone. */
export function planDown(request: DownRequest): Plan {
  const { selection, timeout } = request;
  const list = new OperationList();
  list.warnings.push(...request.warnings);
  const stops = addStops(list, selection, timeout);
  const removals = selection.containers.map((container) => {
    const stop = stops.get(container.config.id);
    return list.add('remove-container', {
      ...describeContainer(container),
      cause: '',
      force: false,
      volumes: request.removeAnonymousVolumes,
      needs: stop === undefined ? [] : [stop],
    });
  });
  for (const name of request.networks) list.add('remove-network', { resource: `network ${name}`, cause: '', name, needs: removals });
  for (const name of request.volumes) list.add('remove-volume', { resource: `volume ${name}`, cause: '', name, needs: removals });
  for (const reference of request.images)
    list.add('remove-image', { resource: `image ${reference}`, cause: '', reference, needs: removals });
  return list.toPlan(selection.projectName);
}
