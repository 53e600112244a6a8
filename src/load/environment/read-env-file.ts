import { readFileSync, statSync } from 'node:fs';
import type { FileNames } from '../files/file-names.ts';
import type { Problems } from '../problems.ts';
import { Source } from '../source.ts';
import { parseDotenv } from './dotenv.ts';
import type { Variables } from './variables.ts';

/** Reads an env file of the project and adds the names that are not there yet. */
export function addEnvFile(path: string, variables: Variables, files: FileNames, problems: Problems): void {
  const source = readEnvSource(path, files, problems);
  if (source === undefined) return;
  const { entries, error } = parseDotenv(source.text, (name) => variables.get(name));
  if (error !== undefined) {
    const position = source.position(error.offset);
    problems.add(`failed to read ${path}: line ${String(position.line)}: ${error.message}`, { position });
  }
  // Within one file the last definition of a name holds.
  const last = new Map(entries.map((entry) => [entry.name, entry]));
  for (const { name, value, offset } of last.values()) variables.addMissing(name, value, { source, offset });
}

export function readEnvSource(path: string, files: FileNames, problems: Problems): Source | undefined {
  try {
    if (statSync(path).isDirectory()) {
      problems.add(`${path} is a directory, not an env file`);
      return undefined;
    }
    return new Source(files.display(path), path, readFileSync(path, 'utf8').replaceAll('\r\n', '\n'));
  } catch (error) {
    problems.add(`couldn't find env file: ${path}`, { hint: (error as Error).message });
    return undefined;
  }
}
