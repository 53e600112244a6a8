import type { Command } from 'commander';
import { MydockerError } from '../../errors.ts';
import { writeOut } from '../../util/stdio.ts';
import { complete } from './completion/candidates.ts';
import type { Globals } from './session/globals.ts';

/** What the shells' completion calls: `__complete -- WORDS…`; prints `value<TAB>description` lines and, for file names, `:files`. */
export function defineComplete(command: Command): void {
  command.argument('[words...]').action(async (words: readonly string[]) => {
    const { candidates, files } = await complete(words, listServices);
    const lines = candidates.map(({ value, description }) => `${value}\t${description}\n`);
    writeOut(`${lines.join('')}${files ? ':files\n' : ''}`);
  });
}

/** Quiet about files that cannot be read: a completion is no place for their errors. */
async function listServices(globals: Globals): Promise<readonly string[]> {
  const { loadProject } = await import('../../load/load-project.ts');
  const { projectName, projectDirectory, files, envFiles } = globals;
  try {
    const { project } = await loadProject({
      files,
      envFiles,
      profiles: ['*'],
      services: [],
      cwd: process.cwd(),
      environment: process.env,
      ...(projectName === undefined ? {} : { projectName }),
      ...(projectDirectory === undefined ? {} : { projectDirectory }),
    });
    return Object.keys(project.services).sort();
  } catch (error) {
    if (error instanceof MydockerError) return [];
    throw error;
  }
}
