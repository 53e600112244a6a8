import { readFileSync, readdirSync, readlinkSync } from 'node:fs';
import { basename } from 'node:path';
import type { Contender } from './contender.ts';

/** The core runs from a view of its file that has no path: then the command line has its name. */
function programOf(pid: string): string {
  const name = basename(readlinkSync(`/proc/${pid}/exe`));
  return name === '' ? basename(readFileSync(`/proc/${pid}/cmdline`, 'utf8').split(/[\0 :]/, 1)[0] ?? '') : name;
}

/** KiB of proportional set size of all processes whose program has one of the names. */
export function proportionalSetSize(names: readonly string[]): number {
  let total = 0;
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      if (!names.includes(programOf(pid))) continue;
      total += Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1] ?? 0);
    } catch {
      // it ended meanwhile
    }
  }
  return total;
}

/** Of what stays: per container, and once for all. What was there before (`baseline`) does not count. */
export function memory(contender: Contender, containers: number, baseline: number): { perContainer: number; shared: number } {
  return {
    perContainer: (proportionalSetSize(contender.programs.perContainer) - baseline) / containers,
    shared: proportionalSetSize(contender.programs.shared),
  };
}
