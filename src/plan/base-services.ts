import type { BuildConfig } from '../model/build-config.ts';
import type { Project } from '../model/project.ts';

/** The service of a context `service:NAME`; undefined for all others. */
export function contextService(value: string): string | undefined {
  return /^service:(.+)$/.exec(value)?.[1];
}

/** The services whose images a build takes as further contexts: `service:NAME`. */
export function contextServices(build: BuildConfig | undefined): readonly string[] {
  return Object.values(build?.additional_contexts ?? {}).flatMap((value) => contextService(value) ?? []);
}

/** Those of them that are built. */
export function baseServices({ services }: Project, build: BuildConfig | undefined): readonly string[] {
  return contextServices(build).filter((name) => services[name]?.build !== undefined);
}
