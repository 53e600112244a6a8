import { dirname, join } from 'node:path';
import type { Problems } from '../problems.ts';
import { DEFAULT_NAMES } from './default-names.ts';
import type { FileNames } from './file-names.ts';

const OVERRIDE_NAMES = ['compose.override.yml', 'compose.override.yaml', 'docker-compose.override.yml', 'docker-compose.override.yaml'];

/** The default file of this directory or the nearest parent that has one, and its override; empty when there is none. */
export function findDefaultFiles(directory: string, files: FileNames, problems: Problems): string[] {
  for (let current = directory; ; current = dirname(current)) {
    const file = choose(current, DEFAULT_NAMES, files, problems);
    if (file !== undefined) {
      const override = choose(current, OVERRIDE_NAMES, files, problems);
      return override === undefined ? [file] : [file, override];
    }
    if (dirname(current) === current) return [];
  }
}

function choose(directory: string, names: readonly string[], files: FileNames, problems: Problems): string | undefined {
  const found = names.map((name) => join(directory, name)).filter((path) => files.isFile(path));
  const [first] = found;
  if (found.length > 1 && first !== undefined) problems.warn(`found several config files: ${found.join(', ')}; using ${first}`);
  return first;
}
