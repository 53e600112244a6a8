import { readFileSync, readdirSync, readlinkSync } from 'node:fs';
import { basename } from 'node:path';

/** All processes whose program has one of the names. */
export function pidsOf(...names: readonly string[]): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        return names.includes(basename(readlinkSync(`/proc/${pid}/exe`)));
      } catch {
        return false; // it ended meanwhile, or is a kernel thread
      }
    });
}

/** KiB of memory that would be free without these processes: shared pages count in proportion. */
export function proportionalSetSize(pids: readonly number[]): number {
  return pids
    .map((pid) => Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1] ?? 0))
    .reduce((total, value) => total + value, 0);
}
