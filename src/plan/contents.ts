import { LABELS } from '../model/compose-labels.ts';
import type { MountSpec } from '../model/container.ts';
import type { Container } from '../model/runtime.ts';
import type { Service } from '../model/service.ts';
import type { Desired } from './desired.ts';
import type { Difference } from './difference.ts';
import { fileMounts } from './draft-files.ts';
import { normalTarget } from './normal-target.ts';

/** Something of the host whose content a container is made with. */
export interface ContentSource {
  /** Where it is seen in the container. */
  readonly target: string;
  /** Absolute, on the host. */
  readonly path: string;
  /** As messages name it: `services.web.configs[app]`. */
  readonly resource: string;
}

/**
 * Host files and folders whose content counts as configuration of the service: of configs and secrets always, of bind mounts
 * when `x-mydocker.watch_content` names them.
 */
export function contentSources(project: Desired['project'], name: string, service: Service): readonly ContentSource[] {
  const files = (['configs', 'secrets'] as const).flatMap((kind) =>
    (service[kind] ?? []).flatMap(({ source, target }) => {
      const path = project[kind]?.[source]?.file;
      const base = kind === 'configs' ? '/' : '/run/secrets/';
      const wanted = target === undefined || target === '' ? source : target;
      if (path === undefined) return [];
      return [
        { path, target: normalTarget(wanted.startsWith('/') ? wanted : base + wanted), resource: `services.${name}.${kind}[${source}]` },
      ];
    }),
  );
  const watched = watchedTargets(service);
  const binds = (service.volumes ?? []).flatMap(({ type, source, target }) =>
    type === 'bind' && source !== undefined && (watched === true || watched.includes(normalTarget(target)))
      ? [{ path: source, target: normalTarget(target), resource: `services.${name}.volumes[${target}]` }]
      : [],
  );
  return [...files, ...binds];
}

/** Targets of `x-mydocker.watch_content`; true is every bind mount. */
function watchedTargets({ 'x-mydocker': extension }: Service): true | readonly string[] {
  if (typeof extension !== 'object' || extension === null || !('watch_content' in extension)) return [];
  const { watch_content: wanted } = extension;
  if (wanted === true) return true;
  return Array.isArray(wanted) ? wanted.filter((target) => typeof target === 'string').map(normalTarget) : [];
}

/** The value of the label that remembers what content a container was made with: digests by target. */
export function contentLabel({ project, contents }: Desired, name: string, service: Service): Readonly<Record<string, string>> {
  const digests = contentSources(project, name, service).flatMap(({ path, target }) => {
    const digest = contents.get(path);
    return digest === undefined ? [] : [[target, digest] as const];
  });
  return digests.length === 0 ? {} : { [LABELS.content]: JSON.stringify(Object.fromEntries(digests)) };
}

/** New content, new container: a program reads its configuration at its start, and a file that was replaced stays hidden behind its mount. */
export function changedContents(desired: Desired, name: string, service: Service, { config }: Container): readonly Difference[] {
  return [...changedFiles(desired, name, service, config.labels), ...changedInline(desired, name, service, config.mounts)];
}

function changedFiles(desired: Desired, name: string, service: Service, labels: Readonly<Record<string, string>>): readonly Difference[] {
  const before = parseDigests(labels[LABELS.content]);
  return contentSources(desired.project, name, service).flatMap(({ path, target, resource }): readonly Difference[] => {
    const now = desired.contents.get(path);
    const then = before[target];
    if (now === undefined || now === then) return [];
    if (then === undefined) return [{ inPlace: true, cause: `${resource}: the content of ${shown(desired, path)} is watched from now on` }];
    return [{ inPlace: false, cause: `${resource}: the content of ${shown(desired, path)} changed` }];
  });
}

function changedInline(desired: Desired, name: string, service: Service, mounts: readonly MountSpec[]): readonly Difference[] {
  return fileMounts(desired, name, service).flatMap((mount) => {
    const actual = mounts.find(({ target }) => target === mount.target);
    if (mount.type !== 'content' || actual?.type !== 'content' || actual.content === mount.content) return [];
    return [{ inPlace: false, cause: `services.${name}: the content of ${mount.target} changed` }];
  });
}

function parseDigests(text: string | undefined): Readonly<Record<string, unknown>> {
  if (text === undefined) return {};
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}

function shown({ workingDir }: Desired, path: string): string {
  return path.startsWith(`${workingDir}/`) ? `.${path.slice(workingDir.length)}` : path;
}
