import { readFileSync, statSync } from 'node:fs';
import type { FileNames } from './files/file-names.ts';
import type { Problems } from './problems.ts';
import { Source } from './source.ts';
import { errnoOf, reasonOf } from '../util/errno.ts';

const MAX_BYTES = 8 * 1024 * 1024;

/** Reads a compose file; `-` is standard input. What is wrong goes to `problems`. */
export function readSource(path: string, files: FileNames, problems: Problems): Source | undefined {
  try {
    const bytes = path === '-' ? readFileSync(0) : readBounded(path);
    if (bytes === undefined || bytes.length > MAX_BYTES) {
      problems.add(`${files.display(path)} is larger than ${String(MAX_BYTES / 1024 / 1024)} MiB, which no compose file is`);
      return undefined;
    }
    return new Source(files.display(path), path, bytes.toString('utf8').replace(/^\uFEFF/, ''));
  } catch (error) {
    problems.add(`cannot read ${path}: ${reasonOf(error)}`, { code: errnoOf(error) === 'ENOENT' ? 'not-found' : 'invalid' });
    return undefined;
  }
}

function readBounded(path: string): Buffer | undefined {
  return statSync(path).size > MAX_BYTES ? undefined : readFileSync(path);
}
