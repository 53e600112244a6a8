import type { HealthcheckSpec } from '../../model/container.ts';
import type { Fields } from '../core/frame.ts';

const DEFAULT_SHELL = ['/bin/sh', '-c'];

/** The keys `health.*`; none without a check. `shell` is the image's, for CMD-SHELL; empty is the usual one. */
export function healthFields(check: HealthcheckSpec | undefined, shell: readonly string[]): Fields {
  const args = check === undefined ? [] : probeArgs(check.test, shell);
  if (check === undefined || args.length === 0) return [];
  return [
    ...args.map((arg) => ['health.arg', arg] as const),
    ['health.interval', String(check.interval)],
    ['health.timeout', String(check.timeout)],
    ['health.start_period', String(check.startPeriod)],
    ['health.start_interval', String(check.startInterval)],
    ['health.retries', String(check.retries)],
  ];
}

function probeArgs(test: readonly string[], shell: readonly string[]): readonly string[] {
  const [kind, ...rest] = test;
  if (kind === 'CMD') return rest;
  if (kind === 'CMD-SHELL') return [...(shell.length > 0 ? shell : DEFAULT_SHELL), rest.join(' ')];
  return [];
}
