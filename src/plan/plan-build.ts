import { MydockerError } from '../errors.ts';
import { imageName } from '../model/image-name.ts';
import type { Plan } from '../model/plan.ts';
import { baseServices } from './base-services.ts';
import type { Desired } from './desired.ts';
import { OperationList } from './operation-list.ts';
import { withDependencies } from './service-order.ts';

/** Builds of the services (all that have a `build` when none is named); one that builds on another's image comes after it. */
export function planBuild({ project }: Desired, services: readonly string[], withDeps: boolean): Plan {
  const unknown = services.find((name) => project.services[name] === undefined);
  if (unknown !== undefined) throw new MydockerError('not-found', `no such service: ${unknown}`);
  const chosen =
    services.length === 0 ? Object.keys(project.services) : withDeps ? [...withDependencies(project.services, services)] : services;
  const list = new OperationList();
  const visiting = new Set<string>();
  const add = (name: string): string | undefined => {
    const build = project.services[name]?.build;
    if (build === undefined || visiting.has(name)) return undefined;
    visiting.add(name);
    const needs = baseServices(project, build).flatMap((base) => add(base) ?? []);
    visiting.delete(name);
    const reference = imageName(project, name);
    return list.add('build-image', { resource: `image ${reference}`, cause: '', service: name, reference, needs });
  };
  chosen.forEach(add);
  return list.toPlan(project.name);
}
