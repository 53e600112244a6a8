import { MydockerError } from '../errors.ts';
import { LABELS } from '../model/compose-labels.ts';
import type { Plan } from '../model/plan.ts';
import type { Container } from '../model/runtime.ts';
import { isAlive, serviceNameOf } from './container-facts.ts';
import { OperationList } from './operation-list.ts';
import { addStops, dependenciesOf, describeContainer } from './plan-containers.ts';
import {
  containersOf,
  movedContainer,
  namesOf,
  networkLabels,
  renamedImage,
  volumeLabels,
  type RenamedNames,
  type RenameState,
} from './rename-project.ts';

/**
 * Everything of a project goes over to another name: containers keep their write layers, volumes their bytes. What ran runs
 * again when `start` says so. Throws before anything is done when the new name is not free.
 */
export function planRename(state: RenameState, options: { readonly start: boolean; readonly timeout?: number }): Plan {
  const { from, to } = state.rename;
  const cause = `project ${from} becomes ${to}`;
  const names = namesOf(state);
  check(state, names);
  const list = new OperationList();
  const own = containersOf(state, from);
  const stops = [...addStops(list, { projectName: to, containers: own }, options.timeout, cause).values()];
  const prepared = [...renameResources(list, state, names, stops), ...renameImages(list, state, stops)];
  const moved = new Map(
    own.map((container) => {
      const move = movedContainer(state, names, container);
      const { config } = container;
      const id = list.add('move-container', {
        resource: `container ${config.name}`,
        cause: `-> ${move.name}`,
        containerId: config.id,
        move,
        needs: [...stops, ...prepared],
      });
      return [config.id, id] as const;
    }),
  );
  if (options.start) addStarts(list, toStart(state, own), names, moved);
  return list.toPlan(to);
}

/** What ran: now, or when a rename that was cut short began; of what that one has moved already, what does not run yet. */
function toStart(state: RenameState, own: readonly Container[]): readonly Container[] {
  const ran = new Set(state.ran ?? own.filter(isAlive).map(({ config }) => config.id));
  const moved = state.resumed ? containersOf(state, state.rename.to).filter((container) => !isAlive(container)) : [];
  return [...own, ...moved].filter(({ config }) => ran.has(config.id));
}

function renameResources(list: OperationList, state: RenameState, names: RenamedNames, needs: readonly string[]): readonly string[] {
  const { from } = state.rename;
  const volumes = state.volumes.filter(({ labels }) => labels[LABELS.project] === from);
  const networks = state.networks.filter(({ labels }) => labels[LABELS.project] === from);
  return [
    ...volumes.map((volume) => {
      const newName = names.volumes.get(volume.name) ?? volume.name;
      const labels = volumeLabels(state, volume);
      return list.add('rename-volume', {
        resource: `volume ${volume.name}`,
        cause: `-> ${newName}`,
        name: volume.name,
        newName,
        labels,
        needs,
      });
    }),
    ...networks.map((network) => {
      const newName = names.networks.get(network.name) ?? network.name;
      const labels = networkLabels(state, network);
      return list.add('rename-network', {
        resource: `network ${network.name}`,
        cause: `-> ${newName}`,
        name: network.name,
        newName,
        labels,
        needs,
      });
    }),
  ];
}

function renameImages(list: OperationList, { rename, builtImages }: RenameState, needs: readonly string[]): readonly string[] {
  return builtImages.flatMap((reference) => {
    const newReference = renamedImage(rename, reference, reference.slice(rename.from.length + 1));
    if (newReference === reference) return [];
    return [list.add('rename-image', { resource: `image ${reference}`, cause: `-> ${newReference}`, reference, newReference, needs })];
  });
}

function addStarts(list: OperationList, ran: readonly Container[], names: RenamedNames, moved: ReadonlyMap<string, string>): void {
  const newName = ({ config }: Container): string => names.containers.get(config.name) ?? config.name;
  for (const container of ran) {
    const dependencies = new Set(dependenciesOf(container).map(({ service }) => service));
    const before = ran.filter((other) => dependencies.has(serviceNameOf(other)));
    list.add('start-container', {
      ...describeContainer(container),
      resource: `container ${newName(container)}`,
      name: newName(container),
      cause: 'it ran before',
      needs: [...moved.values()],
      after: before.map((other) => `start container ${newName(other)}`),
      postStart: [],
    });
  }
}

function check(state: RenameState, names: RenamedNames): void {
  const { rename, resumed } = state;
  const { from, to } = rename;
  if (!/^[a-z0-9][a-z0-9_-]*$/.test(to)) {
    throw new MydockerError('invalid', `invalid project name ${JSON.stringify(to)}`, {
      hint: 'use lower-case letters, digits, hyphens and underscores, with a letter or digit first',
    });
  }
  if (from === to) throw new MydockerError('usage', `the project is called ${to} already`);
  const owned = ({ labels }: { readonly labels: Readonly<Record<string, string>> }, project: string): boolean =>
    labels[LABELS.project] === project;
  const something = [...state.volumes, ...state.networks, ...state.containers.map(({ config }) => config)].some((one) => owned(one, from));
  if (!something && !resumed) throw new MydockerError('not-found', `project "${from}" has no containers, volumes or networks to rename`);
  if (!resumed) checkFree(state, names);
  checkUsers(state, names);
}

/** The new name must have neither containers nor volumes: two sets of data cannot become one. */
function checkFree(state: RenameState, names: RenamedNames): void {
  const { to } = state.rename;
  const taken = [
    ...containersOf(state, to).map(({ config }) => `container ${config.name}`),
    ...state.volumes
      .filter(({ labels, name }) => labels[LABELS.project] === to || isTarget(names.volumes, name))
      .map(({ name }) => `volume ${name}`),
    ...state.networks.filter(({ name }) => isTarget(names.networks, name)).map(({ name }) => `network ${name}`),
  ];
  if (taken.length === 0) return;
  throw new MydockerError('conflict', `project "${to}" exists already: ${taken.join(', ')}`, {
    hint: `choose another name, or take that one away first: \`mydocker-compose -p ${to} down --volumes\` (its volumes go to the trash)`,
  });
}

function isTarget(names: ReadonlyMap<string, string>, name: string): boolean {
  return [...names].some(([before, after]) => after === name && before !== name);
}

/** A container of somebody else would not find its volume or network any more. */
function checkUsers({ rename, containers }: RenameState, names: RenamedNames): void {
  for (const { config } of containers) {
    if (config.labels[LABELS.project] === rename.from) continue;
    const used = [
      ...config.mounts.flatMap((mount) =>
        mount.type === 'volume' && moves(names.volumes, mount.volume) ? [`volume ${mount.volume}`] : [],
      ),
      ...config.network.endpoints.flatMap(({ network }) => (moves(names.networks, network) ? [`network ${network}`] : [])),
    ];
    if (used.length === 0) continue;
    throw new MydockerError('conflict', `container ${config.name}, which is not of project "${rename.from}", uses ${used.join(' and ')}`, {
      hint: `remove it first: \`mydocker rm -f ${config.name}\``,
    });
  }
}

function moves(names: ReadonlyMap<string, string>, name: string): boolean {
  return (names.get(name) ?? name) !== name;
}
