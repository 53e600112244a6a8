import { MydockerError } from '../errors.ts';
import type { Plan } from '../model/plan.ts';
import { checkServices } from './check-service.ts';
import type { Desired, Observed, Recorded } from './desired.ts';
import { OperationList } from './operation-list.ts';
import { planImages } from './plan-images.ts';
import { planNetworks } from './plan-networks.ts';
import { planOrphans } from './plan-orphans.ts';
import { planReplicas, type Replica } from './plan-replicas.ts';
import { planStarts } from './plan-starts.ts';
import { planVolumes } from './plan-volumes.ts';
import { inDependencyOrder, withDependencies } from './service-order.ts';
import { checkContainerNames, checkScale, type UpRequest, type UpState } from './up-request.ts';

/** Everything that has to happen so that what is observed becomes what is desired; empty when it is so already. */
export function planUp(desired: Desired, recorded: Recorded, observed: Observed, request: UpRequest): Plan {
  const list = new OperationList();
  const state: UpState = { desired, recorded, observed, request, list, selected: selectServices(desired, request) };
  list.warnings.push(...checkServices(desired.project, state.selected));
  checkScale(state);
  checkContainerNames(state);
  planOrphans(state);
  const images = planImages(state);
  const networks = planNetworks(state);
  const volumes = planVolumes(state);
  const replicas = new Map<string, readonly Replica[]>();
  const prepared = { images, networks, volumes, replicas };
  const replicated = state.selected.filter((name) => name !== request.oneOff);
  for (const name of replicated) replicas.set(name, planReplicas(state, name, prepared));
  if (request.start) {
    const creations = [...list].filter(({ kind }) => kind === 'create-container').map(({ id }) => id);
    const started = new Map<string, readonly string[]>();
    for (const name of replicated) started.set(name, planStarts(state, name, prepared, started, creations));
    restartTheRest(state, networks.stopped, networks.made);
  }
  return list.toPlan(desired.project.name);
}

function selectServices(
  { project }: Pick<Desired, 'project'>,
  { services, noDeps, oneOff }: Pick<UpRequest, 'services' | 'noDeps' | 'oneOff'>,
): readonly string[] {
  if (oneOff !== undefined) return selectServices({ project }, { services: [oneOff], noDeps });
  for (const name of services) {
    if (project.services[name] === undefined) throw new MydockerError('not-found', `no such service: ${name}`);
  }
  const order = inDependencyOrder(project.services);
  if (services.length === 0) return order;
  const wanted = noDeps ? new Set(services) : withDependencies(project.services, services);
  return order.filter((name) => wanted.has(name));
}

/** Containers outside of the selection that stood on a network which is made anew come back on it. */
function restartTheRest(state: UpState, stopped: ReadonlyMap<string, string>, made: ReadonlyMap<string, string>): void {
  for (const { config } of state.observed.containers) {
    const stop = stopped.get(config.id);
    if (stop === undefined || state.list.has(`start container ${config.name}`) || state.list.has(`remove container ${config.name}`))
      continue;
    state.list.add('start-container', {
      resource: `container ${config.name}`,
      cause: 'its network is made anew',
      service: '',
      number: 0,
      name: config.name,
      containerId: config.id,
      postStart: [],
      needs: [stop, ...config.network.endpoints.map(({ network }) => made.get(network)).filter((id) => id !== undefined)],
    });
  }
}
