import { MydockerError } from '../errors.ts';
import type { Service } from '../model/service.ts';
import { borrowedService } from './draft-namespaces.ts';

/** Services whose containers must exist before one of this service can be made. */
export function creationDependencies(service: Service): readonly string[] {
  const shared = [service.network_mode, service.pid, service.ipc].map(borrowedService);
  const volumes = (service.volumes_from ?? []).filter((entry) => !entry.startsWith('container:')).map((entry) => entry.split(':')[0]);
  const links = (service.links ?? []).map((link) => link.split(':')[0]);
  return [...new Set([...shared, ...volumes, ...links].filter((name) => name !== undefined))];
}

/** Services that a change of which forces this one to be made anew: it borrows their namespaces or volumes. */
export function borrowedServices(service: Service): readonly string[] {
  const links = new Set((service.links ?? []).map((link) => link.split(':')[0]));
  return creationDependencies(service).filter(
    (name) => !links.has(name) || service.volumes_from?.some((entry) => entry.startsWith(name)) === true,
  );
}

/** Every service that has to be up before this one starts, with the condition. */
export function startDependencies(service: Service): NonNullable<Service['depends_on']> {
  const implied = creationDependencies(service).map((name) => [name, { condition: 'service_started', required: true }] as const);
  return { ...Object.fromEntries(implied), ...service.depends_on };
}

/** Names so that each comes after what it depends on; a circle is an error. */
export function inDependencyOrder(services: Readonly<Record<string, Service>>): readonly string[] {
  const ordered = new Set<string>();
  const visit = (name: string, trail: readonly string[]): void => {
    const service = services[name];
    if (service === undefined || ordered.has(name)) return;
    if (trail.includes(name)) {
      throw new MydockerError('invalid', `dependency cycle detected: ${[...trail.slice(trail.indexOf(name)), name].join(' -> ')}`);
    }
    for (const dependency of Object.keys(startDependencies(service))) visit(dependency, [...trail, name]);
    ordered.add(name);
  };
  Object.keys(services)
    .sort()
    .forEach((name) => {
      visit(name, []);
    });
  return [...ordered];
}

/** These services and everything they depend on. */
export function withDependencies(services: Readonly<Record<string, Service>>, names: readonly string[]): ReadonlySet<string> {
  const found = new Set<string>();
  const visit = (name: string): void => {
    const service = services[name];
    if (service === undefined || found.has(name)) return;
    found.add(name);
    Object.keys(startDependencies(service)).forEach(visit);
  };
  names.forEach(visit);
  return found;
}
