import { LABELS } from '../model/compose-labels.ts';
import type { Container } from '../model/runtime.ts';
import type { Service } from '../model/service.ts';
import { changesBetween, describeChanges } from './changes.ts';
import type { Difference } from './difference.ts';
import type { UpState } from './up-request.ts';

/** The value of the label that tells what a container's service depends on: `db:service_healthy:false,…`. */
export function dependsOnLabel({ depends_on }: Service): string {
  return Object.entries(depends_on ?? {})
    .map(([name, { condition, restart }]) => `${name}:${condition}:${String(restart ?? false)}`)
    .join(',');
}

/** `stop` and `restart` go by the label, so it has to follow the files. */
export function changedDependencies(name: string, service: Service, { config }: Container): readonly Difference[] {
  const before = dependenciesIn(config.labels[LABELS.dependsOn] ?? '');
  const changes = changesBetween(`services.${name}.depends_on`, before, dependenciesIn(dependsOnLabel(service)));
  return changes.length === 0 ? [] : [{ inPlace: true, cause: describeChanges(changes) }];
}

function dependenciesIn(label: string): Readonly<Record<string, unknown>> {
  const entries = label.split(',').filter((entry) => entry !== '');
  return Object.fromEntries(
    entries.map((entry) => {
      const [name = '', condition = '', restart] = entry.split(':');
      return [name, restart === 'true' ? { condition, restart: true } : { condition }];
    }),
  );
}

/** The project's directory was moved, or taken over from another one. */
export function changedDirectory({ desired }: UpState, { config }: Container): readonly Difference[] {
  const before = config.labels[LABELS.workingDir];
  if (before === undefined || before === desired.workingDir) return [];
  return [{ inPlace: true, cause: `project directory changed: ${before} -> ${desired.workingDir}` }];
}
