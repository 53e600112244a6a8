import { readlinkSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import type { StateRecord } from '../store/container-record.ts';
import { errnoOf } from '../../util/errno.ts';

/** By it the supervisor of a container that joins another finds its process when both have been started again since. */
export function linkProcess(link: string, { pid, pidStart }: StateRecord): void {
  const target = `${String(pid)}|${String(pidStart)}`;
  if (linkTarget(link) === target) return;
  const temporary = `${link}.${String(process.pid)}`;
  rmSync(temporary, { force: true });
  symlinkSync(target, temporary);
  renameSync(temporary, link);
}

function linkTarget(link: string): string | undefined {
  try {
    return readlinkSync(link);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}
