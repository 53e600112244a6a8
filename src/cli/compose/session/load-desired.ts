import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { MydockerError } from '../../../errors.ts';
import type { LoadResult } from '../../../load/load-project.ts';
import { networkHash, serviceHash, volumeHash } from '../../../model/config-hash.ts';
import type { Project } from '../../../model/project.ts';
import type { Desired } from '../../../plan/desired.ts';
import { seccompPath } from '../../../plan/draft-security.ts';
import { reasonOf } from '../../../util/errno.ts';
import type { Globals } from './globals.ts';
import { readContents } from './read-contents.ts';
import { warn } from './session.ts';

/** `forRuntime` also refuses what no container could be made from. */
export async function loadFiles(globals: Globals, services: readonly string[] = [], forRuntime = false): Promise<LoadResult> {
  const { loadProject } = await import('../../../load/load-project.ts');
  const result = await loadProject({
    files: globals.files,
    profiles: globals.profiles,
    envFiles: globals.envFiles,
    services,
    forRuntime,
    allResources: globals.allResources,
    cwd: process.cwd(),
    environment: process.env,
    ...(globals.projectName === undefined ? {} : { projectName: globals.projectName }),
    ...(globals.projectDirectory === undefined ? {} : { projectDirectory: globals.projectDirectory }),
  });
  adoptSettings(result.environment);
  for (const { message, resource, position } of result.warnings) {
    const place = position === undefined ? '' : ` (${position.file}:${String(position.line)}:${String(position.column)})`;
    warn(`${resource === undefined ? '' : `${resource}: `}${message}${place}`);
  }
  return result;
}

/** `COMPOSE_…` variables of the project's .env file count as if they were in the environment. */
function adoptSettings(environment: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(environment))
    if (name.startsWith('COMPOSE_') && name !== 'COMPOSE_PROJECT_NAME') process.env[name] ??= value;
}

/** The files as the plan wants them: with hashes and the profiles they name. */
export async function loadDesired(globals: Globals, services: readonly string[] = []): Promise<Desired> {
  return toDesired(await loadFiles(globals, services, true), globals);
}

async function toDesired(result: LoadResult, { allResources, compatibility }: Globals): Promise<Desired> {
  const project: Project = compatibility ? { ...result.project, separator: '_' } : result.project;
  return {
    project,
    allResources,
    disabledServices: result.disabledServices,
    variableContents: result.variableContents,
    contents: readContents(project),
    configFiles: result.files,
    workingDir: result.workingDir,
    seccompProfiles: await seccompProfiles(project, result.workingDir),
    serviceHashes: mapValues(project.services, serviceHash),
    networkHashes: mapValues(project.networks ?? {}, networkHash),
    volumeHashes: mapValues(project.volumes ?? {}, volumeHash),
  };
}

/** What a command that needs no files works on: the project of the files, or only a name. */
export interface ProjectOrName {
  readonly name: string;
  readonly desired?: Desired;
}

/** `-p` without `-f` asks for a project by its name alone, as Docker Compose understands it. */
export async function projectOrName(globals: Globals, services: readonly string[] = []): Promise<ProjectOrName> {
  if (globals.projectName !== undefined && globals.files.length === 0) return { name: globals.projectName };
  try {
    const desired = await toDesired(await loadFiles(globals, services), globals);
    return { name: desired.project.name, desired };
  } catch (error) {
    const name = globals.projectName ?? process.env['COMPOSE_PROJECT_NAME'];
    if (name === undefined || name === '' || globals.files.length > 0 || !isNoFile(error)) throw error;
    return { name };
  }
}

function isNoFile(error: unknown): boolean {
  return error instanceof MydockerError && error.code === 'not-found';
}

/** The texts of the seccomp profiles that services name, by path as written. */
export async function seccompProfiles(project: Desired['project'], workingDir: string): Promise<ReadonlyMap<string, string>> {
  const profiles = new Map<string, string>();
  for (const [name, service] of Object.entries(project.services)) {
    for (const option of service.security_opt ?? []) {
      const path = seccompPath(option);
      if (path === undefined || profiles.has(path)) continue;
      try {
        profiles.set(path, await readFile(resolve(workingDir, path), 'utf8'));
      } catch (cause) {
        throw new MydockerError('invalid', `cannot read the seccomp profile ${path}: ${reasonOf(cause)}`, {
          resource: `services.${name}.security_opt`,
          cause,
        });
      }
    }
  }
  return profiles;
}

function mapValues<T, R>(record: Readonly<Record<string, T>>, of: (value: T) => R): Record<string, R> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, of(value)]));
}
