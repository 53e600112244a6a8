import { MydockerError } from '../../errors.ts';
import type { Project } from '../../model/project.ts';
import type { Service } from '../../model/service.ts';
import { nearest } from '../validate/nearest.ts';

export interface Selection {
  readonly enabled: Record<string, Service>;
  readonly disabled: Record<string, Service>;
}

/** Splits services into those that the profiles switch on and the rest. */
export function applyProfiles(services: Project['services'], profiles: readonly string[]): Selection {
  const enabled: Record<string, Service> = {};
  const disabled: Record<string, Service> = {};
  for (const [name, service] of Object.entries(services)) {
    (hasProfile(service, profiles) ? enabled : disabled)[name] = service;
  }
  return { enabled, disabled };
}

function hasProfile({ profiles: own }: Service, profiles: readonly string[]): boolean {
  if (own === undefined || own.length === 0 || profiles.includes('*')) return true;
  return own.some((profile) => profiles.includes(profile));
}

/** Keeps the named services and what they depend on; naming a service switches its profiles on. */
export function selectServices(selection: Selection, profiles: readonly string[], names: readonly string[]): Selection {
  if (names.length === 0) return selection;
  const all = { ...selection.enabled, ...selection.disabled };
  const more = names.flatMap((name) => (name in selection.enabled ? [] : (all[name]?.profiles ?? [])));
  const { enabled } = applyProfiles(all, [...profiles, ...more]);
  const wanted = new Set<string>();
  const queue = [...names];
  for (const name of queue) {
    if (wanted.has(name)) continue;
    const service = enabled[name];
    if (service === undefined) throw noSuchService(name, Object.keys(all));
    wanted.add(name);
    for (const [dependency, { required }] of Object.entries(service.depends_on ?? {})) {
      if (dependency in enabled || required) queue.push(dependency);
    }
  }
  const result: Selection = { enabled: {}, disabled: {} };
  for (const name of Object.keys(all).sort()) {
    const service = all[name];
    if (service === undefined) continue;
    if (wanted.has(name)) result.enabled[name] = withoutDependencies(service, (dependency) => wanted.has(dependency));
    else result.disabled[name] = service;
  }
  return result;
}

function withoutDependencies(service: Service, keep: (name: string) => boolean): Service {
  const entries = Object.entries(service.depends_on ?? {});
  const kept = entries.filter(([name]) => keep(name));
  if (kept.length === entries.length) return service;
  const { depends_on: _dropped, ...rest } = service;
  return kept.length === 0 ? rest : { ...service, depends_on: Object.fromEntries(kept) };
}

export function noSuchService(name: string, known: readonly string[]): MydockerError {
  if (known.includes(name)) {
    return new MydockerError('not-found', `no such service: ${name}`, { hint: `${name} is switched off: none of its profiles is active` });
  }
  const near = nearest(name, known);
  return new MydockerError('not-found', `no such service: ${name}`, near === undefined ? {} : { hint: `did you mean ${near}?` });
}

/** Drops the networks, volumes, configs, secrets and models that no service uses. */
export function dropUnused(project: Project): Project {
  const used = {
    networks: new Set<string>(),
    volumes: new Set<string>(),
    configs: new Set<string>(),
    secrets: new Set<string>(),
    models: new Set<string>(),
  };
  for (const service of Object.values(project.services)) {
    for (const name of Object.keys(service.networks ?? {})) used.networks.add(name);
    for (const name of Object.keys(service.models ?? {})) used.models.add(name);
    for (const { type, source } of service.volumes ?? []) if (type === 'volume' && source !== undefined) used.volumes.add(source);
    for (const { source } of service.configs ?? []) used.configs.add(source);
    for (const { source } of [...(service.secrets ?? []), ...(service.build?.secrets ?? [])]) used.secrets.add(source);
  }
  const result: Record<string, unknown> = { ...project };
  for (const [kind, names] of Object.entries(used)) {
    const section = result[kind];
    if (section === undefined) continue;
    const kept = Object.entries(section as Record<string, unknown>).filter(([name]) => names.has(name));
    if (kept.length > 0) result[kind] = Object.fromEntries(kept);
    else Reflect.deleteProperty(result, kind);
  }
  return result as unknown as Project;
}
