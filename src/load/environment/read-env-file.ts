import { errnoOf, reasonOf } from '../../util/errno.ts';
import type { FileNames } from '../files/file-names.ts';
import type { ProblemDetails, Problems } from '../problems.ts';
import { Source } from '../source.ts';
import { parseDotenv, type DotenvEntry } from './dotenv.ts';
import type { Variables } from './variables.ts';

/** Reads env files of a project, later ones over earlier ones, and adds the names that are not there yet. */
export function addEnvFiles(paths: readonly string[], variables: Variables, files: FileNames, problems: Problems): void {
  const found = new Map<string, DotenvEntry & { source: Source }>();
  for (const path of paths) {
    const source = readEnvSource(path, files, problems);
    if (source === undefined) continue;
    const { entries, error } = parseDotenv(
      source.text,
      (name) => variables.get(name),
      (name) => found.get(name)?.value,
    );
    if (error !== undefined) {
      const position = source.position(error.offset);
      problems.add(`failed to read ${path}: line ${String(position.line)}: ${error.message}`, { position });
    }
    for (const entry of entries) found.set(entry.name, { ...entry, source });
  }
  for (const { name, value, source, offset } of found.values()) variables.addMissing(name, value, { source, offset });
}

export function readEnvSource(path: string, files: FileNames, problems: Problems, place: ProblemDetails = {}): Source | undefined {
  try {
    if (files.inputs.kindOf(path) === 'directory') {
      problems.add(`${path} is a directory, not an env file`, place);
      return undefined;
    }
    return new Source(files.display(path), path, files.inputs.read(path));
  } catch (error) {
    const missing = errnoOf(error) === 'ENOENT';
    problems.add(missing ? `couldn't find env file: ${path}` : `cannot read env file ${path}: ${reasonOf(error)}`, place);
    return undefined;
  }
}
