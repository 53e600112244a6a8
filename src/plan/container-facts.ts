import { LABELS } from '../model/compose-labels.ts';
import type { Container } from '../model/runtime.ts';
import type { Service } from '../model/service.ts';

export function serviceNameOf({ config }: Container): string {
  return config.labels[LABELS.service] ?? '';
}

export function containerNumberOf({ config }: Container): number {
  return Number(config.labels[LABELS.containerNumber] ?? '0');
}

export function isOneOff({ config }: Container): boolean {
  return config.labels[LABELS.oneoff] === 'True';
}

/** Its log can be read: the driver `none` keeps nothing. */
export function keepsLog({ config }: Container): boolean {
  return config.log.driver !== 'none';
}

/** It has a process: running, paused or between two runs. */
export function isAlive({ state }: Container): boolean {
  return state.status === 'running' || state.status === 'paused' || state.status === 'restarting';
}

/** The containers of a service without one-offs, lowest number first. */
export function replicasOf(containers: readonly Container[], service: string): readonly Container[] {
  return containers
    .filter((container) => serviceNameOf(container) === service && !isOneOff(container))
    .sort((a, b) => containerNumberOf(a) - containerNumberOf(b));
}

/** The name of a replica: `container_name`, or made of project, service and number. */
export function containerName(
  { name: project, separator = '-' }: { readonly name: string; readonly separator?: string | undefined },
  service: string,
  definition: Pick<Service, 'container_name'> | undefined,
  number: number,
): string {
  return definition?.container_name || [project, service, String(number)].join(separator);
}

/** The provisional name a replacement has until the old container is gone. */
export function provisionalName(oldId: string, name: string): string {
  return `${oldId.slice(0, 12)}_${name}`;
}

export function isProvisionalName(name: string): boolean {
  return /^[0-9a-f]{12}_/.test(name);
}
