import { networkHash, volumeHash } from '../model/config-hash.ts';
import { LABELS } from '../model/compose-labels.ts';
import type { Project } from '../model/project.ts';
import type { Container, ContainerMove, NetworkRecord, VolumeRecord } from '../model/runtime.ts';
import { isAlive, isOneOff, serviceNameOf } from './container-facts.ts';
import type { Observed } from './desired.ts';

/** One name of a project and the one it is to have. */
export interface ProjectRename {
  readonly from: string;
  readonly to: string;
}

/** What is there of both names. */
export interface RenameState {
  readonly rename: ProjectRename;
  /** Every container of the host: those of other projects may use what is renamed. */
  readonly containers: readonly Container[];
  readonly volumes: readonly VolumeRecord[];
  readonly networks: readonly NetworkRecord[];
  /** References of images that are here, of those the project's services build. */
  readonly builtImages: readonly string[];
  /** The model that was applied last, with its old names. */
  readonly recorded?: Project;
  /** A rename of these two that was cut short is gone on with. */
  readonly resumed: boolean;
  /** Ids of the containers that ran before the rename began, when one that was cut short is gone on with. */
  readonly ran?: readonly string[];
}

/** `a_data` of project a becomes `b_data`; a name of its own stays. */
function renamedResource({ from, to }: ProjectRename, name: string, key: string | undefined): string {
  return key !== undefined && name === `${from}_${key}` ? `${to}_${key}` : name;
}

function renamedContainer({ from, to }: ProjectRename, { config }: Container, service: string): string {
  const usual = `${from}-${service}-`;
  return config.name.startsWith(usual) ? `${to}-${service}-${config.name.slice(usual.length)}` : config.name;
}

export function renamedImage({ from, to }: ProjectRename, reference: string, service: string): string {
  return reference === `${from}-${service}` ? `${to}-${service}` : reference;
}

/** Names of volumes, and names of networks, as they are before and after. */
export interface RenamedNames {
  readonly volumes: ReadonlyMap<string, string>;
  readonly networks: ReadonlyMap<string, string>;
  readonly containers: ReadonlyMap<string, string>;
}

export function namesOf(state: RenameState): RenamedNames {
  const { rename } = state;
  const owned = (records: readonly (VolumeRecord | NetworkRecord)[], label: string): ReadonlyMap<string, string> =>
    new Map(
      records.flatMap(({ name, labels }) => {
        const key = labels[label];
        const owner = labels[LABELS.project];
        const own = owner === rename.from ? [[name, renamedResource(rename, name, key)] as const] : [];
        const isOurs = owner === rename.from || owner === rename.to;
        if (!state.resumed || !isOurs || key === undefined || name !== `${rename.to}_${key}`) return own;
        // It has its new name already, perhaps not yet its labels; what still names it by the old name has to follow.
        return [...own, [`${rename.from}_${key}`, name] as const];
      }),
    );
  return {
    volumes: owned(state.volumes, LABELS.volume),
    networks: owned(state.networks, LABELS.network),
    containers: new Map(
      containersOf(state, rename.from).map((one) => [one.config.name, renamedContainer(rename, one, serviceNameOf(one))] as const),
    ),
  };
}

export function containersOf({ containers }: Pick<RenameState, 'containers'>, project: string): readonly Container[] {
  return containers
    .filter(({ config }) => config.labels[LABELS.project] === project)
    .sort((a, b) => (a.config.name < b.config.name ? -1 : 1));
}

/** The container as one of the project's new name. */
export function movedContainer({ rename }: RenameState, names: RenamedNames, container: Container): ContainerMove {
  const { config } = container;
  const { image, network } = config;
  const service = serviceNameOf(container);
  return {
    name: names.containers.get(config.name) ?? config.name,
    labels: { ...config.labels, [LABELS.project]: rename.to },
    image: isOneOff(container) ? image : { ...image, reference: renamedImage(rename, image.reference, service) },
    mounts: config.mounts.map((mount) =>
      mount.type === 'volume' ? { ...mount, volume: names.volumes.get(mount.volume) ?? mount.volume } : mount,
    ),
    network: {
      ...network,
      endpoints: network.endpoints.map((endpoint) => ({
        ...endpoint,
        network: names.networks.get(endpoint.network) ?? endpoint.network,
        links: endpoint.links.map((link) => renamedLink(names, link)),
      })),
    },
  };
}

function renamedLink({ containers }: RenamedNames, link: string): string {
  const [name = '', ...alias] = link.split(':');
  return [containers.get(name) ?? name, ...alias].join(':');
}

/** The labels of a volume under the project's new name; its definition still counts as the same. */
export function volumeLabels({ rename, recorded }: RenameState, { labels }: VolumeRecord): Readonly<Record<string, string>> {
  const definition = recorded?.volumes?.[labels[LABELS.volume] ?? ''];
  const same = definition !== undefined && volumeHash(definition) === labels[LABELS.configHash];
  const { [LABELS.configHash]: _, ...rest } = labels;
  const name = definition === undefined ? '' : renamedResource(rename, definition.name, labels[LABELS.volume]);
  return { ...rest, [LABELS.project]: rename.to, ...(same ? { [LABELS.configHash]: volumeHash({ ...definition, name }) } : {}) };
}

export function networkLabels({ rename, recorded }: RenameState, { labels }: NetworkRecord): Readonly<Record<string, string>> {
  const definition = recorded?.networks?.[labels[LABELS.network] ?? ''];
  const same = definition !== undefined && networkHash(definition) === labels[LABELS.configHash];
  const name = definition === undefined ? '' : renamedResource(rename, definition.name, labels[LABELS.network]);
  return { ...labels, [LABELS.project]: rename.to, ...(same ? { [LABELS.configHash]: networkHash({ ...definition, name }) } : {}) };
}

/** A model under the new name, so that the next plan compares with what is there. */
export function renamedModel(rename: ProjectRename, project: Project): Project {
  const rest = {
    ...(project.volumes === undefined ? {} : { volumes: renamedDefinitions(rename, project.volumes) }),
    ...(project.networks === undefined ? {} : { networks: renamedDefinitions(rename, project.networks) }),
  };
  return { ...project, ...rest, name: rename.to };
}

function renamedDefinitions<T extends { readonly name: string; readonly external?: boolean }>(
  rename: ProjectRename,
  definitions: Readonly<Record<string, T>>,
): Readonly<Record<string, T>> {
  return Object.fromEntries(
    Object.entries(definitions).map(([key, definition]) => [
      key,
      definition.external === true ? definition : { ...definition, name: renamedResource(rename, definition.name, key) },
    ]),
  );
}

/** What will be there of the new name when the plan of the rename is done: everything, and nothing of it runs. */
export function afterRename(state: RenameState, { images, at }: Observed): Observed {
  const { from } = state.rename;
  const names = namesOf(state);
  const renamed = <T extends { readonly name: string }>(
    records: readonly (T & { readonly labels: Readonly<Record<string, string>> })[],
    to: ReadonlyMap<string, string>,
    labelsOf: (record: T & { readonly labels: Readonly<Record<string, string>> }) => Readonly<Record<string, string>>,
  ): ReadonlyMap<string, T> =>
    new Map(
      records.map((record) => {
        if (record.labels[LABELS.project] !== from) return [record.name, record] as const;
        const name = to.get(record.name) ?? record.name;
        return [name, { ...record, name, labels: labelsOf(record) }] as const;
      }),
    );
  return {
    images,
    at,
    containers: containersOf(state, from).map((container) => ({
      ...container,
      config: { ...container.config, ...movedContainer(state, names, container) },
      state: isAlive(container) ? { ...container.state, status: 'exited' as const, exitCode: 0 } : container.state,
    })),
    volumes: renamed<VolumeRecord>(state.volumes, names.volumes, (volume) => volumeLabels(state, volume)),
    networks: renamed<NetworkRecord>(state.networks, names.networks, (network) => networkLabels(state, network)),
  };
}
