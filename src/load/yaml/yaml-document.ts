import type { Problems } from '../problems.ts';
import type { Source } from '../source.ts';
import type { Path, Value } from '../tree.ts';

export interface YamlDocument {
  readonly root: Value;
  /** Paths under `!reset` and `!override`: what they stand for is removed from the files before this one. */
  readonly resets: readonly Path[];
}

/** Documents of one file. What is wrong goes to `problems`; a file with syntax errors gives no document. */
export type YamlReader = (source: Source, problems: Problems) => YamlDocument[];

/** The full reader is needed, and not loaded yet. */
export class NeedsFullReader extends Error {}
