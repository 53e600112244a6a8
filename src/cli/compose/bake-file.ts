import { isAbsolute, resolve } from 'node:path';
import type { BuildConfig } from '../../model/build-config.ts';
import { COMPOSE_VERSION, LABELS } from '../../model/compose-labels.ts';
import { imageName } from '../../model/image-name.ts';
import type { Desired } from '../../plan/desired.ts';
import { parseByteSize } from '../../util/byte-size.ts';

/** What the command line adds to every target. */
export interface BakeOptions {
  readonly args: Readonly<Record<string, string>>;
  readonly noCache: boolean;
  readonly pull: boolean;
  readonly push: boolean;
  readonly ssh: readonly string[];
}

/** `build --print`: what would be built as `docker buildx bake` reads it, with Docker Compose's keys in its order. */
export function bakeFile(desired: Desired, services: readonly string[], options: BakeOptions): unknown {
  const targets = services.flatMap((name) => {
    const build = desired.project.services[name]?.build;
    return build === undefined ? [] : [[targetName(name), targetOf(desired, name, build, options)] as const];
  });
  return { group: { default: { targets: targets.map(([name]) => name) } }, target: Object.fromEntries(targets.toSorted(byName)) };
}

function byName([left]: readonly [string, unknown], [right]: readonly [string, unknown]): number {
  return left < right ? -1 : 1;
}

/** Bake allows no dots. */
function targetName(service: string): string {
  return service.replaceAll('.', '_');
}

function targetOf(desired: Desired, name: string, build: BuildConfig, options: BakeOptions): unknown {
  const { project, workingDir } = desired;
  const context = build.context ?? workingDir;
  const file = build.dockerfile ?? 'Dockerfile';
  const isLocal = isAbsolute(context);
  const args = Object.fromEntries(Object.entries({ ...build.args, ...options.args }).filter(([, value]) => value !== null));
  const isNamed = project.services[name]?.image !== undefined;
  return withoutEmpty({
    context,
    contexts: mapValues(build.additional_contexts ?? {}, (value) =>
      value.replace(/^service:(.+)$/, (_, other: string) => `target:${targetName(other)}`),
    ),
    ...(build.dockerfile_inline === undefined
      ? { dockerfile: isLocal ? resolve(context, file) : file }
      : { 'dockerfile-inline': build.dockerfile_inline }),
    args: sorted(args),
    labels: sorted({ ...build.labels, [LABELS.project]: project.name, [LABELS.service]: name, [LABELS.version]: COMPOSE_VERSION }),
    tags: [...(build.tags ?? []), imageName(project, name)],
    'cache-from': build.cache_from,
    'cache-to': build.cache_to,
    target: build.target,
    secret: secretsOf(desired, build),
    ssh: [...(build.ssh ?? []), ...options.ssh].map((text) => (/[=:]/.test(text) ? text.replace(/[=:]/, '=') : `${text}=`)),
    platforms: build.platforms,
    pull: options.pull || build.pull === true ? true : undefined,
    'no-cache': options.noCache || build.no_cache === true ? true : undefined,
    network: build.network,
    'shm-size': build.shm_size === undefined ? undefined : String(parseByteSize(build.shm_size) ?? build.shm_size),
    ulimits: Object.entries(build.ulimits ?? {}).map(([limit, value]) =>
      typeof value === 'number' ? `${limit}=${String(value)}` : `${limit}=${String(value.soft)}:${String(value.hard)}`,
    ),
    entitlements: [...(build.entitlements ?? []), ...(build.privileged === true ? ['security.insecure'] : [])],
    'extra-hosts': Object.fromEntries((build.extra_hosts ?? []).map((entry) => hostOf(entry))),
    output: [options.push && isNamed ? 'type=registry' : 'type=docker'],
    attest: [...attestation('provenance', build.provenance), ...attestation('sbom', build.sbom)],
  });
}

function hostOf(entry: string): readonly [string, string] {
  const [name = '', address = ''] = entry.split(/[=:](.*)/s);
  return [name, address];
}

function secretsOf({ project }: Desired, build: BuildConfig): readonly string[] {
  return (build.secrets ?? []).flatMap(({ source, target }) => {
    const secret = project.secrets?.[source];
    const id = target === undefined || target === '' ? source : target;
    if (secret?.environment !== undefined) return [`id=${id},type=env,env=${secret.environment}`];
    return secret?.file === undefined ? [] : [`id=${id},type=file,src=${secret.file}`];
  });
}

/** `true`, `false`, or how it is made. */
function attestation(type: string, mode: string | boolean | undefined): readonly string[] {
  const text = mode === undefined ? 'false' : String(mode);
  if (text === 'false') return [];
  return [text === 'true' ? `type=${type}` : `type=${type},${text}`];
}

function mapValues(object: Readonly<Record<string, string>>, change: (value: string) => string): Readonly<Record<string, string>> {
  return sorted(Object.fromEntries(Object.entries(object).map(([key, value]) => [key, change(value)])));
}

function sorted<T>(object: Readonly<Record<string, T>>): Readonly<Record<string, T>> {
  return Object.fromEntries(Object.entries(object).toSorted(byName));
}

/** What is not set is not printed. */
function withoutEmpty(object: Readonly<Record<string, unknown>>): unknown {
  const isSet = (value: unknown): boolean =>
    value !== undefined && value !== '' && !(typeof value === 'object' && value !== null && Object.keys(value).length === 0);
  return Object.fromEntries(Object.entries(object).filter(([, value]) => isSet(value)));
}
