import { imageName } from '../model/image-name.ts';
import { LABELS } from '../model/compose-labels.ts';
import type { Container } from '../model/runtime.ts';
import type { Service } from '../model/service.ts';
import { changesBetween, describeChanges } from './changes.ts';
import type { Desired } from './desired.ts';
import { fileMounts as inlineMounts } from './draft-files.ts';
import type { UpState } from './up-request.ts';

export type Divergence =
  | { readonly kind: 'none' }
  /** It can be brought in line without a new container. */
  | { readonly kind: 'update'; readonly cause: string }
  | { readonly kind: 'recreate'; readonly cause: string };

const NONE: Divergence = { kind: 'none' };

/** Paths below `services.<name>` that a running container can take over, and those that do not concern a container. */
const IN_PLACE =
  /^(?:cpus|cpu_shares|cpu_quota|cpu_period|cpu_rt_runtime|cpu_rt_period|cpuset|mem_limit|mem_reservation|memswap_limit|pids_limit|restart|deploy|scale|depends_on|build|pull_policy|profiles|develop|attach|post_start|pre_stop)(?:\.|\[|$)/;

/** How a container differs from what its service says now, and the words for it. */
export function divergence(state: UpState, name: string, service: Service, container: Container): Divergence {
  const { labels, image } = container.config;
  const desiredHash = state.desired.serviceHashes[name];
  if (labels[LABELS.configHash] !== desiredHash) return changedModel(state, name, service, labels[LABELS.configHash] ?? '');
  const reference = imageName(state.desired.project, name);
  const current = state.observed.images.get(reference);
  if (current !== undefined && current.id !== image.id) {
    return { kind: 'recreate', cause: `image ${reference} changed: ${shortId(image.id)} -> ${shortId(current.id)}` };
  }
  return changedNames(state, name, service, container);
}

function changedModel(state: UpState, name: string, service: Service, oldHash: string): Divergence {
  const before = state.recorded.services.get(oldHash);
  if (before === undefined) return { kind: 'recreate', cause: `services.${name} changed` };
  const prefix = `services.${name}`;
  const changes = changesBetween(prefix, before, service);
  if (changes.length === 0) return { kind: 'recreate', cause: `a config or secret of services.${name} changed` };
  const cause = describeChanges(changes);
  const soft = changes.every(({ path }) => IN_PLACE.test(path.slice(prefix.length + 1)));
  return { kind: soft ? 'update' : 'recreate', cause };
}

/** The service says the same, but the networks or volumes it names are now others. */
function changedNames({ desired }: UpState, name: string, service: Service, { config }: Container): Divergence {
  if (service.network_mode === undefined) {
    const wanted = Object.keys(service.networks ?? {}).map((key) => desired.project.networks?.[key]?.name ?? key);
    const actual = config.network.endpoints.map(({ network }) => network);
    const difference = firstDifference(actual, wanted);
    if (difference !== undefined) return { kind: 'recreate', cause: `services.${name}.networks: ${difference}` };
  }
  for (const { type, source, target } of service.volumes ?? []) {
    if (type !== 'volume' || source === undefined) continue;
    const wanted = desired.project.volumes?.[source]?.name ?? source;
    const mount = config.mounts.find((candidate) => candidate.target === target && candidate.type === 'volume');
    if (mount?.type === 'volume' && mount.volume !== wanted) {
      return { kind: 'recreate', cause: `services.${name}.volumes[${target}]: volume changed: "${mount.volume}" -> "${wanted}"` };
    }
  }
  return changedContents(desired, name, service, config);
}

/** Inline configs and secrets are part of the container: new content, new container. */
function changedContents(desired: Desired, name: string, service: Service, config: Container['config']): Divergence {
  for (const mount of inlineMounts(desired, name, service)) {
    const actual = config.mounts.find(({ target }) => target === mount.target);
    if (actual?.type === 'content' && mount.type === 'content' && actual.content !== mount.content) {
      return { kind: 'recreate', cause: `services.${name}: the content of ${mount.target} changed` };
    }
  }
  return NONE;
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
