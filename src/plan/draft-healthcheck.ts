import type { HealthcheckSpec } from '../model/container.ts';
import type { ImageHealthcheck } from '../model/runtime.ts';
import type { Healthcheck } from '../model/service.ts';
import { goDurationToMs } from '../util/go-duration.ts';

const DEFAULTS = { interval: 30_000, timeout: 30_000, retries: 3, startPeriod: 0, startInterval: 5_000 };

/** The check to run: the service's, each missing part from the image's; undefined when there is none or it is switched off. */
export function draftHealthcheck(service: Healthcheck | undefined, image: ImageHealthcheck | undefined): HealthcheckSpec | undefined {
  if (service?.disable === true) return undefined;
  const test = service?.test !== undefined && service.test.length > 0 ? service.test : (image?.test ?? []);
  if (test.length === 0 || test[0] === 'NONE') return undefined;
  return {
    test,
    interval: pick(service?.interval, image?.interval, DEFAULTS.interval),
    timeout: pick(service?.timeout, image?.timeout, DEFAULTS.timeout),
    retries: positive(service?.retries) ?? positive(image?.retries) ?? DEFAULTS.retries,
    startPeriod: pick(service?.start_period, image?.startPeriod, DEFAULTS.startPeriod),
    startInterval: pick(service?.start_interval, image?.startInterval, DEFAULTS.startInterval),
  };
}

function pick(service: string | undefined, imageNs: number | undefined, fallback: number): number {
  const own = service === undefined ? undefined : goDurationToMs(service);
  return positive(own) ?? positive(imageNs === undefined ? undefined : imageNs / 1e6) ?? fallback;
}

function positive(value: number | undefined): number | undefined {
  return value !== undefined && value > 0 ? value : undefined;
}
