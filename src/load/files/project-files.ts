import { basename, dirname, join, resolve } from 'node:path';
import { MydockerError } from '../../errors.ts';
import { addEnvFiles } from '../environment/read-env-file.ts';
import { Variables } from '../environment/variables.ts';
import type { LoadOptions } from '../load-options.ts';
import type { Problems } from '../problems.ts';
import { FileNames } from './file-names.ts';
import type { Inputs } from './inputs.ts';
import { findDefaultFiles } from './find-files.ts';
import type { RemoteFiles } from './remote-files.ts';

/** What flags, process environment and env files together say about a project, before any compose file is read. */
export interface ProjectFiles {
  readonly files: FileNames;
  /** Absolute, in merge order; `-` is standard input. Empty when none was found. */
  readonly configFiles: readonly string[];
  readonly workingDir: string;
  readonly variables: Variables;
  readonly profiles: readonly string[];
  /** From `-p` or COMPOSE_PROJECT_NAME; wins over `name:` in the files. */
  readonly givenName: string | undefined;
}

export function resolveProjectFiles(options: LoadOptions, inputs: Inputs, remotes: RemoteFiles, problems: Problems): ProjectFiles {
  const files = new FileNames(options.cwd ?? process.cwd(), inputs, remotes);
  const variables = new Variables(inputs);
  const directory = options.projectDirectory ? files.absolute(options.projectDirectory) : undefined;
  if (directory !== undefined && files.isFile(directory)) {
    throw new MydockerError('invalid', `--project-directory: ${files.display(directory)} is a file, not a directory`);
  }
  let configFiles = (options.files ?? []).map((file) => absoluteFile(file, files));
  const workingDir = (): string => directory ?? firstDirectory(configFiles) ?? files.cwd;

  const envFiles = chooseEnvFiles(options.envFiles, files);
  const readEnvFiles = (): void => {
    addEnvFiles(envFiles ?? defaultEnvFile(workingDir(), files), variables, files, problems);
  };
  variables.addMissing('PWD', files.cwd, 'environment');
  readEnvFiles();
  if (configFiles.length === 0) {
    const named = variables.get('COMPOSE_FILE');
    const separator = variables.get('COMPOSE_PATH_SEPARATOR') || ':';
    if (named !== undefined && named !== '') {
      configFiles = named.split(separator).map((file) => absoluteFile(file, files));
    }
    if (configFiles.length === 0) configFiles = findDefaultFiles(workingDir(), files, problems);
    // The files may lie in another directory, which may have an env file too.
    if (envFiles === undefined) readEnvFiles();
  }
  return {
    files,
    configFiles,
    workingDir: workingDir(),
    variables,
    profiles: chooseProfiles(options.profiles, variables),
    givenName: chooseName(options.projectName, variables),
  };
}

function absoluteFile(file: string, files: FileNames): string {
  if (file === '-') return file;
  const fetched = files.remotes.find(file);
  if (fetched instanceof MydockerError) throw fetched;
  return fetched ?? files.absolute(file);
}

function firstDirectory(configFiles: readonly string[]): string | undefined {
  const first = configFiles.find((file) => file !== '-');
  return first === undefined ? undefined : dirname(first);
}

function chooseEnvFiles(flags: readonly string[] | undefined, files: FileNames): string[] | undefined {
  const listed = files.inputs.variable('COMPOSE_ENV_FILES');
  const given = flags !== undefined && flags.length > 0 ? flags : listed ? listed.split(',') : undefined;
  return given?.map((file) => files.absolute(file));
}

function defaultEnvFile(workingDir: string, files: FileNames): string[] {
  const disabled = files.inputs.variable('COMPOSE_DISABLE_ENV_FILE');
  if (disabled !== undefined && !/^(1|0|t|f|true|false|)$/i.test(disabled)) {
    throw new MydockerError('invalid', `COMPOSE_DISABLE_ENV_FILE=${disabled} is not a boolean`, { hint: 'write true or false' });
  }
  if (disabled !== undefined && /^(1|t|true)$/i.test(disabled)) return [];
  const file = join(workingDir, '.env');
  return files.isFile(file) ? [file] : [];
}

function chooseProfiles(flags: readonly string[] | undefined, variables: Variables): string[] {
  if (flags !== undefined && flags.length > 0) return [...flags];
  return (variables.get('COMPOSE_PROFILES') ?? '').split(',').map((name) => name.trim());
}

function chooseName(flag: string | undefined, variables: Variables): string | undefined {
  const name = flag || variables.get('COMPOSE_PROJECT_NAME');
  if (name === undefined || name === '') return undefined;
  if (normalizeProjectName(name) !== name) {
    throw new MydockerError('invalid', `invalid project name ${JSON.stringify(name)}`, {
      hint: 'use lower-case letters, digits, hyphens and underscores, and start with a letter or a digit',
    });
  }
  return name;
}

/** Lower case, without the characters that a name may not have. */
export function normalizeProjectName(name: string): string {
  return name
    .toLowerCase()
    .replaceAll(/[^a-z0-9_-]/g, '')
    .replace(/^[_-]+/, '');
}

export function defaultProjectName(workingDir: string): string {
  return normalizeProjectName(basename(resolve(workingDir)));
}
