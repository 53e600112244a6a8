import { SERVICE_KEYS } from '../project/service-shape.ts';

/** A service's keys in the order in which Docker Compose prints them; others, such as extensions, at the end as they are. */
export function inServiceOrder<T extends object>(service: T): T {
  const place = (key: string): number => (SERVICE_KEYS.includes(key) ? SERVICE_KEYS.indexOf(key) : SERVICE_KEYS.length);
  return Object.fromEntries(Object.entries(service).sort(([a], [b]) => place(a) - place(b))) as T;
}
