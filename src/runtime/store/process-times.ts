import { readFileSync } from 'node:fs';

/** Whether the process with this number is still the one that started then. */
export function isAlive({ pid, start }: { readonly pid: number; readonly start: number }): boolean {
  return pid > 0 && startTimeOf(pid) === start;
}

/** Field 22 of /proc/PID/stat; -1 when there is no such process, or only its remains (a zombie). */
function startTimeOf(pid: number): number {
  try {
    const text = readFileSync(`/proc/${String(pid)}/stat`, 'utf8');
    // The name, field 2, may contain spaces and parentheses: count from the last one.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' || fields[0] === 'X' ? -1 : Number(fields[19]);
  } catch {
    return -1;
  }
}

/** When this process started. */
export function ownStartTime(): number {
  return startTimeOf(process.pid);
}
