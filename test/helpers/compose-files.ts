import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { MydockerError } from '../../src/errors.ts';
import type { LoadOptions } from '../../src/load/load-options.ts';
import { loadProject, type LoadResult } from '../../src/load/load-project.ts';

export type Files = Readonly<Record<string, string | Uint8Array>>;

/** Writes files to a folder of their own, hands it to `action`, and removes it. The project is called `p`. */
export async function withFiles<T>(files: Files, action: (directory: string) => Promise<T>): Promise<T> {
  const parent = mkdtempSync(join(tmpdir(), 'load-'));
  const directory = join(parent, 'p');
  try {
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(directory, name)), { recursive: true });
      writeFileSync(join(directory, name), text);
    }
    return await action(directory);
  } finally {
    rmSync(parent, { recursive: true });
  }
}

/** Loads files from a folder of their own; a string is compose.yaml. Paths of that folder are shown as `DIR`. */
export async function loadFiles(files: Files | string, options: LoadOptions = {}): Promise<LoadResult> {
  const all = typeof files === 'string' ? { 'compose.yaml': files } : files;
  return withFiles(all, (cwd) => loadProject({ environment: {}, ...options, cwd }));
}

/** The services of a load, with `DIR` for the folder they were loaded from. */
export async function loadServices(files: Files | string, options: LoadOptions = {}): Promise<Record<string, Record<string, unknown>>> {
  const { project, workingDir } = await loadFiles(files, options);
  return JSON.parse(JSON.stringify(project.services).replaceAll(workingDir, 'DIR')) as Record<string, Record<string, unknown>>;
}

/** What a load is refused for, one line each: `code resource: message (file:line:column)`. */
export async function loadErrors(files: Files | string, options: LoadOptions = {}): Promise<string[]> {
  try {
    await loadFiles(files, options);
  } catch (error) {
    if (!(error instanceof MydockerError)) throw error;
    return (error.problems.length > 0 ? error.problems : [error]).map(describe);
  }
  return [];
}

function describe({ code, resource, message, position, hint }: MydockerError): string {
  const place = position === undefined ? '' : ` (${position.file}:${String(position.line)}:${String(position.column)})`;
  return `${code} ${resource === undefined ? '' : `${resource}: `}${message}${place}${hint === undefined ? '' : ` [${hint}]`}`;
}
