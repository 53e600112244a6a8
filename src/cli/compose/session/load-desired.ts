import { existsSync, readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { MydockerError } from '../../../errors.ts';
import type { LoadResult, Problem } from '../../../load/load-project.ts';
import { networkHash, serviceHash, volumeHash } from '../../../model/config-hash.ts';
import type { Project } from '../../../model/project.ts';
import { contextServices } from '../../../plan/base-services.ts';
import type { Desired } from '../../../plan/desired.ts';
import { seccompPath } from '../../../plan/draft-security.ts';
import { proxyVariables } from '../../../runtime/proxy-variables.ts';
import { findRoots } from '../../../runtime/store/roots.ts';
import { reasonOf } from '../../../util/errno.ts';
import { VERSION } from '../../version.ts';
import type { Globals } from './globals.ts';
import { fetchRemote } from './fetch-remote.ts';
import { KeptLoads, type LoadQuestion } from './kept-loads.ts';
import { readContents } from './read-contents.ts';
import { warn } from './session.ts';

/** Of a load, what a plan needs; all of it can be kept as JSON. */
interface Loaded {
  readonly project: Project;
  readonly disabledServices: Project['services'];
  readonly variableContents: readonly (readonly [string, string])[];
  readonly files: readonly string[];
  readonly workingDir: string;
  /** As they are printed. */
  readonly warnings: readonly string[];
  /** `COMPOSE_…` variables of the project's .env file. */
  readonly settings: Readonly<Record<string, string>>;
  readonly hashes: Pick<Desired, 'serviceHashes' | 'networkHashes' | 'volumeHashes'>;
}

/** The files as the plan wants them: with hashes and the profiles they name. Refuses what no container could be made from. */
export async function loadDesired(globals: Globals, services: readonly string[] = []): Promise<Desired> {
  const loaded = await load(globals, { services, forRuntime: true });
  return toDesired(loaded, globals, containerInputs(loaded.project, loaded.workingDir));
}

/** With the services whose images are contexts of those that are built, also where nothing else makes one need the other. */
export async function loadWithBases(globals: Globals, services: readonly string[]): Promise<Desired> {
  for (let names = services; ;) {
    const desired = await loadDesired(globals, names);
    const { services: loaded } = desired.project;
    const missing = Object.values(loaded).flatMap(({ build }) => contextServices(build).filter((name) => !(name in loaded)));
    if (names.length === 0 || missing.length === 0) return desired;
    names = [...names, ...missing];
  }
}

interface LoadWish {
  readonly services: readonly string[];
  /** Also refuse what no container could be made from. */
  readonly forRuntime: boolean;
}

/** Reads the files, or takes what is kept of the last time they were read while nothing that they depend on has changed. */
async function load(globals: Globals, wish: LoadWish): Promise<Loaded> {
  const options = loadOptions(globals);
  const kept = keptLoads<Loaded>(globals);
  let loaded = findKept(kept, options, wish);
  if (loaded === undefined) {
    const { loadProject } = await import('../../../load/load-project.ts');
    const result = await loadProject({ ...options, ...wish, environment: process.env, fetchRemote });
    loaded = toLoaded(result);
    if (result.inputs !== undefined && (wish.forRuntime || isKnown(globals, loaded.project.name))) {
      kept?.keep(loaded.project.name, { ...options, ...wish }, result.inputs, loaded);
    }
  }
  adoptSettings(loaded.settings);
  loaded.warnings.forEach(warn);
  return loaded;
}

function loadOptions(globals: Globals) {
  return {
    files: globals.files,
    profiles: globals.profiles,
    envFiles: globals.envFiles,
    allResources: globals.allResources,
    cwd: process.cwd(),
    ...(globals.projectName === undefined ? {} : { projectName: globals.projectName }),
    ...(globals.projectDirectory === undefined ? {} : { projectDirectory: globals.projectDirectory }),
  };
}

/** A load that also looked at what containers are made from serves those who did not ask for it. */
function findKept(kept: KeptLoads<Loaded> | undefined, options: LoadQuestion, wish: LoadWish): Loaded | undefined {
  const strict = kept?.find({ ...options, ...wish, forRuntime: true }, process.env);
  return strict ?? (wish.forRuntime ? undefined : kept?.find({ ...options, ...wish }, process.env));
}

/** They count as if they were in the environment. */
function adoptSettings(settings: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(settings)) process.env[name] ??= value;
}

/** Nothing is kept for a program whose parts may change while it stays the same: one that is not compiled. */
function keptLoads<T>(globals: Globals): KeptLoads<T> | undefined {
  if (!import.meta.url.includes('$bunfs')) return undefined;
  const { size, ino, mtimeMs } = statSync(process.execPath);
  return new KeptLoads<T>(findRoots(globals, process.env).run, `${VERSION} ${String(size)} ${String(ino)} ${String(mtimeMs)}`);
}

/** Something was made of the project; one that is only looked at leaves nothing behind. */
function isKnown(globals: Globals, project: string): boolean {
  return existsSync(join(findRoots(globals, process.env).data, 'projects', project));
}

/** The project is gone: nothing of it stays. */
export function forgetLoads(globals: Globals, project: string): void {
  keptLoads(globals)?.forget(project);
}

function toLoaded(result: LoadResult): Loaded {
  const { project } = result;
  return {
    project,
    disabledServices: result.disabledServices,
    variableContents: [...result.variableContents],
    files: result.files,
    workingDir: result.workingDir,
    warnings: result.warnings.map(formatWarning),
    settings: settingsOf(result.environment),
    hashes: {
      serviceHashes: mapValues(project.services, serviceHash),
      networkHashes: mapValues(project.networks ?? {}, networkHash),
      volumeHashes: mapValues(project.volumes ?? {}, volumeHash),
    },
  };
}

function settingsOf(environment: Readonly<Record<string, string>>): Record<string, string> {
  const isSetting = (name: string): boolean =>
    name.startsWith('COMPOSE_') && name !== 'COMPOSE_PROJECT_NAME' && process.env[name] === undefined;
  return Object.fromEntries(Object.entries(environment).filter(([name]) => isSetting(name)));
}

function formatWarning({ message, resource, position }: Problem): string {
  const place = position === undefined ? '' : ` (${position.file}:${String(position.line)}:${String(position.column)})`;
  return `${resource === undefined ? '' : `${resource}: `}${message}${place}`;
}

function toDesired(loaded: Loaded, { allResources, compatibility }: Globals, inputs: ContainerInputs): Desired {
  const project: Project = compatibility ? { ...loaded.project, separator: '_' } : loaded.project;
  return {
    project,
    allResources,
    disabledServices: loaded.disabledServices,
    variableContents: new Map(loaded.variableContents),
    contents: readContents(project),
    configFiles: loaded.files,
    workingDir: loaded.workingDir,
    ...inputs,
    ...loaded.hashes,
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
    const desired = toDesired(await load(globals, { services, forRuntime: false }), globals, { seccompProfiles: new Map() });
    return { name: desired.project.name, desired };
  } catch (error) {
    const name = globals.projectName ?? process.env['COMPOSE_PROJECT_NAME'];
    if (name === undefined || name === '' || globals.files.length > 0 || !isNoFile(error)) throw error;
    return { name };
  }
}

/** As `projectOrName`, from what is kept alone: undefined where files have to be read. */
export function keptProjectOrName(globals: Globals): KeptTarget | undefined {
  if (globals.projectName !== undefined && globals.files.length === 0) return { name: globals.projectName, warnings: [] };
  const loaded = findKept(keptLoads<Loaded>(globals), loadOptions(globals), { services: [], forRuntime: false });
  if (loaded === undefined) return undefined;
  adoptSettings(loaded.settings);
  return { name: loaded.project.name, project: loaded.project, warnings: loaded.warnings };
}

export interface KeptTarget {
  readonly name: string;
  readonly project?: Project;
  /** Of the load: not printed yet. */
  readonly warnings: readonly string[];
}

function isNoFile(error: unknown): boolean {
  return error instanceof MydockerError && error.code === 'not-found';
}

function checkJson(text: string, resource: string, path: string): void {
  try {
    JSON.parse(text);
  } catch (cause) {
    throw new MydockerError('invalid', `the seccomp profile ${path} is not JSON: ${reasonOf(cause)}`, { resource, cause });
  }
}

/** What only new containers need, of this machine. */
type ContainerInputs = Pick<Desired, 'seccompProfiles' | 'proxies'>;

export function containerInputs(project: Project, workingDir: string): ContainerInputs {
  return { seccompProfiles: seccompProfiles(project, workingDir), proxies: proxyVariables(warn) };
}

/** The texts of the seccomp profiles that services name, by path as written. */
function seccompProfiles(project: Desired['project'], workingDir: string): ReadonlyMap<string, string> {
  const profiles = new Map<string, string>();
  for (const [name, service] of Object.entries(project.services)) {
    for (const option of service.security_opt ?? []) {
      const path = seccompPath(option);
      if (path === undefined || profiles.has(path)) continue;
      try {
        profiles.set(path, readFileSync(resolve(workingDir, path), 'utf8'));
      } catch (cause) {
        throw new MydockerError('invalid', `cannot read the seccomp profile ${path}: ${reasonOf(cause)}`, {
          resource: `services.${name}.security_opt`,
          cause,
        });
      }
      checkJson(profiles.get(path) ?? '', `services.${name}.security_opt`, path);
    }
  }
  return profiles;
}

function mapValues<T, R>(record: Readonly<Record<string, T>>, of: (value: T) => R): Record<string, R> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, of(value)]));
}
