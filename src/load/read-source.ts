import type { FileNames } from './files/file-names.ts';
import { NotUtf8 } from './files/inputs.ts';
import type { Problems } from './problems.ts';
import { Source } from './source.ts';
import { errnoOf, reasonOf } from '../util/errno.ts';

const MAX_BYTES = 8 * 1024 * 1024;

/** Reads a compose file; `-` is standard input. What is wrong goes to `problems`. */
export function readSource(path: string, files: FileNames, problems: Problems): Source | undefined {
  try {
    const text = files.inputs.readStrictly(path, MAX_BYTES);
    if (text === undefined) {
      problems.add(`${files.display(path)} is larger than ${String(MAX_BYTES / 1024 / 1024)} MiB, which no compose file is`);
      return undefined;
    }
    return new Source(files.display(path), path, text.replace(/^\uFEFF/, ''));
  } catch (error) {
    if (error instanceof NotUtf8) {
      const position = { file: files.display(path), line: error.line, column: 1 };
      problems.add('not UTF-8 text', { position, hint: 'save the file as UTF-8' });
      return undefined;
    }
    problems.add(`cannot read ${path}: ${reasonOf(error)}`, { code: errnoOf(error) === 'ENOENT' ? 'not-found' : 'invalid' });
    return undefined;
  }
}
