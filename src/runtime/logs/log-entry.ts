import type { LogEntry } from '../../model/runtime.ts';

/** A line of the log; undefined when it is not one (cut off by a power failure, or foreign). */
export function parseLogLine(line: string): LogEntry | undefined {
  try {
    const value = JSON.parse(line) as { readonly log?: unknown; readonly stream?: unknown; readonly time?: unknown };
    if (typeof value.log !== 'string' || typeof value.time !== 'string') return undefined;
    return { stream: value.stream === 'stderr' ? 'stderr' : 'stdout', time: value.time, text: value.log };
  } catch {
    return undefined;
  }
}

/** Nanoseconds since 1970 of an RFC 3339 time in UTC. */
export function nanosecondsOf(time: string): bigint {
  const [, seconds = '', fraction = ''] = /^(.*?)(?:\.(\d+))?Z$/.exec(time) ?? [];
  return BigInt(Date.parse(`${seconds}Z`)) * 1_000_000n + BigInt(fraction.padEnd(9, '0').slice(0, 9) || '0');
}
