import { imageName } from '../model/image-name.ts';
import { LABELS } from '../model/compose-labels.ts';
import type { Container } from '../model/runtime.ts';
import type { Service } from '../model/service.ts';
import { changesBetween, describeChanges } from './changes.ts';
import { changedContents } from './contents.ts';
import type { Difference } from './difference.ts';
import { changedDependencies, changedDirectory } from './label-changes.ts';
import type { UpState } from './up-request.ts';

export type Divergence =
  | { readonly kind: 'none' }
  /** It can be brought in line without a new container. */
  | { readonly kind: 'update'; readonly cause: string }
  | { readonly kind: 'recreate'; readonly cause: string };

/** Paths below `services.<name>` that a running container can take over, and those that do not concern a container. */
const IN_PLACE =
  /^(?:cpus|cpu_shares|cpu_quota|cpu_period|cpu_rt_runtime|cpu_rt_period|cpuset|mem_limit|mem_reservation|memswap_limit|pids_limit|restart|labels|label_file|deploy|scale|depends_on|build|pull_policy|profiles|develop|attach|post_start|pre_stop|x-mydocker)(?:\.|\[|$)/;

/** How a container differs from what its service says now, and the words for it: all that needs a new container, else all that does not. */
export function divergence(state: UpState, name: string, service: Service, container: Container): Divergence {
  const model = changedModel(state, name, service, container);
  const moved = changedDirectory(state, container);
  const differences = [
    ...moved,
    ...model,
    ...changedImage(state, name, service, container),
    ...(model.some(({ inPlace }) => !inPlace) ? [] : changedNames(state, name, service, container)),
    ...changedContents(state.desired, name, service, container),
    ...changedDependencies(name, service, container),
  ];
  const hard = differences.filter(({ inPlace }) => !inPlace);
  // That the directory was moved explains the paths that are others now.
  if (hard.length > 0) return { kind: 'recreate', cause: joined([...moved, ...hard]) };
  return differences.length > 0 ? { kind: 'update', cause: joined(differences) } : { kind: 'none' };
}

/** Published ports and names change in a network of its own alone. */
const IN_PLACE_ON_NETWORKS = /^(?:ports(?:\.|\[|$)|networks\.[^.]+\.aliases$)/;

function isInPlace(path: string, service: Service): boolean {
  return IN_PLACE.test(path) || (service.network_mode === undefined && IN_PLACE_ON_NETWORKS.test(path));
}

function joined(differences: readonly Difference[]): string {
  return differences.map(({ cause }) => cause).join('; ');
}

function changedModel(state: UpState, name: string, service: Service, { config }: Container): readonly Difference[] {
  const hash = config.labels[LABELS.configHash] ?? '';
  if (hash === state.desired.serviceHashes[name]) return [];
  const before = state.recorded.services.get(hash);
  const prefix = `services.${name}`;
  const changes = before === undefined ? [] : changesBetween(prefix, before, service);
  if (changes.length === 0) return [{ inPlace: false, cause: `${prefix} changed` }];
  const hard = changes.filter(({ path }) => !isInPlace(path.slice(prefix.length + 1), service));
  return [{ inPlace: hard.length === 0, cause: describeChanges(hard.length === 0 ? changes : hard) }];
}

/** Another image of the same name; another name is a change of the model. */
function changedImage({ desired, observed }: UpState, name: string, service: Service, { config }: Container): readonly Difference[] {
  const reference = imageName(desired.project, name);
  const current = observed.images.get(reference);
  if (current === undefined || current.id === config.image.id) return [];
  if (service.image !== undefined && config.image.reference !== reference) return [];
  return [{ inPlace: false, cause: `image ${reference} changed: ${shortId(config.image.id)} -> ${shortId(current.id)}` }];
}

/** The service says the same, but the networks or volumes it names are now others. */
function changedNames({ desired }: UpState, name: string, service: Service, { config }: Container): readonly Difference[] {
  const found: Difference[] = [];
  if (service.network_mode === undefined) {
    const wanted = Object.keys(service.networks ?? {}).map((key) => desired.project.networks?.[key]?.name ?? key);
    const actual = config.network.endpoints.map(({ network }) => network);
    const difference = firstDifference(actual, wanted);
    if (difference !== undefined) found.push({ inPlace: false, cause: `services.${name}.networks: ${difference}` });
  }
  for (const { type, source, target } of service.volumes ?? []) {
    if (type !== 'volume' || source === undefined) continue;
    const wanted = desired.project.volumes?.[source]?.name ?? source;
    const mount = config.mounts.find((candidate) => candidate.target === target && candidate.type === 'volume');
    if (mount?.type === 'volume' && mount.volume !== wanted) {
      found.push({
        inPlace: false,
        cause: `services.${name}.volumes[${target}]: volume changed: "${mount.volume}" -> "${wanted}"`,
      });
    }
  }
  return found;
}

function firstDifference(actual: readonly string[], wanted: readonly string[]): string | undefined {
  const missing = wanted.find((network) => !actual.includes(network));
  if (missing !== undefined) return `not on network "${missing}"`;
  const extra = actual.find((network) => !wanted.includes(network));
  return extra === undefined ? undefined : `still on network "${extra}"`;
}

function shortId(id: string): string {
  return id.replace(/^sha256:/, '').slice(0, 12);
}
