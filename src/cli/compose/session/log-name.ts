import { LABELS } from '../../../model/compose-labels.ts';
import type { Container } from '../../../model/runtime.ts';
import { containerNumberOf, isOneOff, isProvisionalName, serviceNameOf } from '../../../plan/container-facts.ts';

/** What a container is called in the logs: `web-1`, or the name that it was given. */
export function logName(container: Container): string {
  const { name, labels } = container.config;
  const service = serviceNameOf(container);
  const number = String(containerNumberOf(container));
  const project = labels[LABELS.project] ?? '';
  if (!isOneOff(container) && isProvisionalName(name)) return `${service}-${number}`;
  return name === `${project}-${service}-${number}` || name === `${project}_${service}_${number}` ? name.slice(project.length + 1) : name;
}

/** How wide the names before the lines are. */
export function prefixWidth(names: readonly string[]): number {
  return Math.max(0, ...names.map((name) => name.length)) + 1;
}
