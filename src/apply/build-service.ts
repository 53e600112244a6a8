import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { MydockerError } from '../errors.ts';
import type { BuildRequest } from '../model/build-request.ts';
import type { BuildConfig } from '../model/build-config.ts';
import { COMPOSE_VERSION, LABELS } from '../model/compose-labels.ts';
import { readPlatform } from '../model/platform.ts';
import { hostArchitecture } from '../runtime/images/platform.ts';
import { imageName } from '../model/image-name.ts';
import { contextService } from '../plan/base-services.ts';
import type { Desired } from '../plan/desired.ts';
import { parseByteSize } from '../util/byte-size.ts';
import { isRemoteSource } from '../runtime/build/remote-source.ts';
import { agentSources } from '../runtime/build/agent-sources.ts';
import { desiredOf, type ApplyContext, type BuildOverrides } from './apply-context.ts';

/** Keys of `build` that change nothing here: one machine, one platform, no attestations, a cache of our own. */
const WITHOUT_EFFECT = ['cache_from', 'cache_to', 'provenance', 'sbom', 'isolation'] as const;
const NO_OVERRIDES: BuildOverrides = { args: {}, noCache: false, pull: false };

/** Builds the image of a service as its `build` says. */
export async function buildService(context: ApplyContext, serviceName: string): Promise<void> {
  const desired = desiredOf(context);
  const service = desired.project.services[serviceName];
  if (service?.build === undefined) throw new Error(`service ${serviceName} has nothing to build`);
  const { build } = service;
  for (const key of WITHOUT_EFFECT) if (build[key] !== undefined) context.warn(`services.${serviceName}.build.${key} has no effect`);
  checkPlatforms(context, serviceName, service.platform, build);
  await context.runtime.build(await requestOf(context, desired, serviceName, build));
}

/** One image of this machine is made: of several platforms the service's own counts, or this machine's. */
function checkPlatforms(context: ApplyContext, serviceName: string, platform: string | undefined, { platforms = [] }: BuildConfig): void {
  const isOwn = (text: string): boolean => {
    const read = readPlatform(text, hostArchitecture());
    return read?.os === 'linux' && read.architecture === hostArchitecture();
  };
  const wanted = platform !== undefined ? [platform] : platforms;
  const others = wanted.filter((one) => !isOwn(one));
  if (others.length > 0 && others.length < wanted.length)
    context.warn(`services.${serviceName}.build.platforms: not built for ${others.join(', ')}`);
  if (others.length < wanted.length || wanted.length === 0) return;
  throw new MydockerError('unsupported', `${wanted.join(', ')}: only images for linux/${hostArchitecture()} can be built on this machine`, {
    resource: `services.${serviceName}.${platform !== undefined ? 'platform' : 'build.platforms'}`,
  });
}

async function requestOf(context: ApplyContext, desired: Desired, serviceName: string, build: BuildConfig): Promise<BuildRequest> {
  const { project, workingDir } = desired;
  const { args, noCache, pull, ssh } = context.build ?? NO_OVERRIDES;
  const declared = Object.entries(build.args ?? {}).flatMap(([name, value]) => (value === null ? [] : [[name, value] as const]));
  const shmSize = build.shm_size === undefined ? undefined : parseByteSize(build.shm_size);
  return {
    context: localOrRemote(workingDir, build.context ?? '.'),
    dockerfile: build.dockerfile ?? 'Dockerfile',
    ...(build.dockerfile_inline === undefined ? {} : { dockerfileText: build.dockerfile_inline }),
    args: { ...Object.fromEntries(declared), ...args },
    ...(build.target === undefined ? {} : { target: build.target }),
    labels: {
      ...build.labels,
      [LABELS.project]: project.name,
      [LABELS.service]: serviceName,
      [LABELS.version]: COMPOSE_VERSION,
    },
    tags: [...new Set([imageName(project, serviceName), ...(build.tags ?? [])])],
    noCache: noCache || build.no_cache === true,
    pull: pull || build.pull === true,
    contexts: contextsOf(desired, build),
    network: networkOf(serviceName, build.network ?? 'default'),
    extraHosts: (build.extra_hosts ?? []).map((entry) => entry.replace(/^([^:=]+)=/, '$1:')),
    secrets: await secretsOf(desired, serviceName, build),
    ssh: agentSources([...(build.ssh ?? []), ...(ssh ?? [])]),
    entitlements: [...(build.entitlements ?? []), ...(build.privileged === true ? ['security.insecure'] : [])],
    ...(shmSize === undefined ? {} : { shmSize }),
    ulimits: Object.entries(build.ulimits ?? {}).map(([name, limit]) =>
      typeof limit === 'number' ? { name, soft: limit, hard: limit } : { name, soft: limit.soft, hard: limit.hard },
    ),
    say: (line) => context.say?.(serviceName, line),
  };
}

function networkOf(serviceName: string, network: string): string {
  if (['default', 'bridge', 'host', 'none', ''].includes(network)) return network;
  throw new MydockerError('unsupported', `builds have no network ${network}`, {
    resource: `services.${serviceName}.build.network`,
    hint: 'It is default, host or none.',
  });
}

function localOrRemote(workingDir: string, value: string): string {
  return isRemoteSource(value) ? value : resolve(workingDir, value);
}

/** `service:NAME` is the image of that service. */
function contextsOf({ project, workingDir }: Desired, build: BuildConfig): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(build.additional_contexts ?? {}).map(([name, value]) => {
      const service = contextService(value);
      if (service !== undefined) return [name, `docker-image://${imageName(project, service)}`];
      return [name, value.includes('://') ? value : localOrRemote(workingDir, value)];
    }),
  );
}

async function secretsOf(desired: Desired, serviceName: string, build: BuildConfig): Promise<ReadonlyMap<string, Uint8Array>> {
  const secrets = new Map<string, Uint8Array>();
  for (const { source, target } of build.secrets ?? []) {
    const resource = `services.${serviceName}.build.secrets`;
    const definition = desired.project.secrets?.[source];
    const value = definition?.content ?? desired.variableContents.get(`secrets/${source}`);
    const id = target === undefined || target === '' ? source : target;
    if (value !== undefined) secrets.set(id, Buffer.from(value));
    else if (definition?.file !== undefined) {
      secrets.set(
        id,
        await readFile(definition.file).catch((cause: unknown) => {
          throw new MydockerError('not-found', `the file ${definition.file ?? ''} of the secret ${source} cannot be read`, {
            resource,
            cause,
          });
        }),
      );
    } else throw new MydockerError('invalid', `undefined secret ${source}`, { resource });
  }
  return secrets;
}
