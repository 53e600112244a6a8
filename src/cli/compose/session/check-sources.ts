import { statSync } from 'node:fs';
import { MydockerError } from '../../../errors.ts';
import type { Plan } from '../../../model/plan.ts';
import type { Service } from '../../../model/service.ts';
import type { Desired } from '../../../plan/desired.ts';
import { createsSource } from '../../../plan/draft-mounts.ts';
import { reasonOf } from '../../../util/errno.ts';

/** Refuses sources of binds, configs and secrets that are not there before anything is changed for the containers that need them. */
export function checkSources({ project }: Desired, plan: Plan): void {
  const made = new Set(
    plan.operations.flatMap((operation) =>
      operation.kind === 'create-container' || operation.kind === 'recreate-container' ? [operation.service] : [],
    ),
  );
  const problems = [...made].flatMap((name) => {
    const service = project.services[name];
    return service === undefined
      ? []
      : sourcesOf(service, project).flatMap(([place, path]) => problemWith(`services.${name}.${place}`, path));
  });
  const [first] = problems;
  if (first === undefined) return;
  throw problems.length === 1 ? first : new MydockerError('several', `${String(problems.length)} sources cannot be used`, { problems });
}

function sourcesOf(service: Service, project: Desired['project']): readonly (readonly [place: string, path: string])[] {
  const binds = (service.volumes ?? []).flatMap((volume, index) =>
    volume.type === 'bind' && !createsSource(volume) ? [[`volumes[${String(index)}]`, volume.source ?? ''] as const] : [],
  );
  const files = (['configs', 'secrets'] as const).flatMap((kind) =>
    (service[kind] ?? []).flatMap(({ source }, index) => {
      const file = project[kind]?.[source]?.file;
      return file === undefined ? [] : [[`${kind}[${String(index)}]`, file] as const];
    }),
  );
  return [...binds, ...files];
}

function problemWith(resource: string, path: string): readonly MydockerError[] {
  try {
    statSync(path);
    return [];
  } catch (cause) {
    const missing = reasonOf(cause) === 'no such file or directory';
    const message = missing ? `bind source path does not exist: ${path}` : `bind source ${path} cannot be used: ${reasonOf(cause)}`;
    return [new MydockerError('invalid', message, { resource, cause, hint: 'make it first, or correct the path' })];
  }
}
