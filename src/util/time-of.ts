import { goDurationToMs } from './go-duration.ts';

/** Nanoseconds since 1970 of an RFC 3339 time, a Unix time, or a Go duration before `now`; undefined when it is neither. */
export function timeOf(text: string, nowMs: number): bigint | undefined {
  const unix = /^(\d+)(?:\.(\d{1,9}))?$/.exec(text);
  if (unix !== null) return BigInt(unix[1] ?? '0') * 1_000_000_000n + BigInt((unix[2] ?? '').padEnd(9, '0'));
  const duration = goDurationToMs(text);
  if (duration !== undefined) return BigInt(Math.round((nowMs - duration) * 1e6));
  const stamp = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?)?(Z|[+-]\d\d:\d\d)?$/.exec(text);
  if (stamp === null) return undefined;
  const [, date = '', time = '00:00', seconds = '00', fraction = '', zone = ''] = stamp;
  const ms = Date.parse(`${date}T${time}:${seconds}${zone}`);
  return Number.isNaN(ms) ? undefined : BigInt(ms) * 1_000_000n + BigInt(fraction.padEnd(9, '0'));
}
