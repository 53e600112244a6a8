import type { Problems } from '../problems.ts';
import type { Mapping } from '../tree.ts';

export function checkSchema(_root: Mapping, _problems: Problems): void {
  // filled below
}
