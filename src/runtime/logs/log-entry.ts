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
