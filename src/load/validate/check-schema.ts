import { checkCompose, knownKeys } from '../../model/compose/check-compose.ts';
import type { Problems } from '../problems.ts';
import type { Mapping } from '../tree.ts';
import { nearest } from './nearest.ts';

/** Reports what the schema does not allow, each with its place and, for a misspelt key, what may be meant. */
export function checkSchema(root: Mapping, problems: Problems): void {
  for (const { path, message, unknownKey } of checkCompose(root)) {
    if (unknownKey !== true) {
      problems.addAt(root, path, message);
      continue;
    }
    const near = nearest(String(path.at(-1)), knownKeys(path.slice(0, -1)));
    problems.addAtKey(root, path, message, near === undefined ? undefined : `did you mean ${near}?`);
  }
}
