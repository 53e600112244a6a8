import type { Stats } from 'node:fs';
import { errnoOf } from '../../../util/errno.ts';

/** What `look` (`statSync`, or `lstatSync`, which follows no link) tells of a path; undefined where nothing is, or a folder on the way has become a file. */
export function statusOf(path: string, look: (path: string, options: { throwIfNoEntry: false }) => Stats | undefined): Stats | undefined {
  try {
    return look(path, { throwIfNoEntry: false });
  } catch (error) {
    if (errnoOf(error) === 'ENOTDIR') return undefined;
    throw error;
  }
}
