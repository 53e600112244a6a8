import type { ContainerConfig } from '../../model/container.ts';
import type { Fields } from '../core/frame.ts';

/** Where the core writes the events of a container, and what stands in each of them. */
export function eventFields({ id, name, image, labels }: ContainerConfig, eventLog: string): Fields {
  return [
    ['id', id],
    ['event_log', eventLog],
    ['event.attr', `image=${image.reference}`],
    ['event.attr', `name=${name}`],
    ...Object.entries(labels).map(([key, value]) => ['event.attr', `${key}=${value}`] as const),
  ];
}
