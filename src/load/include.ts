import { accessSync, constants } from 'node:fs';
import { dirname, isAbsolute, join, relative } from 'node:path';
import { addEnvFiles } from './environment/read-env-file.ts';
import type { Variables } from './environment/variables.ts';
import type { FileNames } from './files/file-names.ts';
import { MydockerError } from '../errors.ts';
import { reasonOf } from '../util/errno.ts';
import { expandHome, resolvePaths } from './paths.ts';
import { positionOf, type Problems } from './problems.ts';
import { cloneTree, isMapping, newMapping, originOf, put, type Mapping, type Value } from './tree.ts';

export interface IncludeContext {
  readonly workingDir: string;
  readonly variables: Variables;
  readonly resolvePaths: boolean;
  readonly files: FileNames;
  readonly problems: Problems;
  /** Files being included around this one, outermost first. */
  readonly trail: readonly string[];
  loadModel(
    files: readonly string[],
    place: { workingDir: string; pathBase: string },
    variables: Variables,
    trail: readonly string[],
  ): Mapping;
}

/** Loads what `include` names and adds its resources to `root`, in place. */
export function applyIncludes(root: Mapping, context: IncludeContext): void {
  const includes = root['include'];
  if (includes === undefined) return;
  const position = positionOf(originOf(root, 'include'));
  Reflect.deleteProperty(root, 'include');
  if (includes === null) return;
  if (!Array.isArray(includes)) {
    context.problems.add('must be a list', { path: ['include'], position });
    return;
  }
  includes.forEach((entry, index) => {
    const place = { path: ['include', index], position: positionOf(originOf(includes, index)) };
    const imported = loadEntry(entry, place, context);
    if (imported !== undefined) importResources(root, imported, place, context);
  });
}

type Place = { readonly path: readonly (string | number)[]; readonly position: ReturnType<typeof positionOf> };

function loadEntry(entry: Value, place: Place, context: IncludeContext): Mapping | undefined {
  const config = isMapping(entry) ? entry : newMapping();
  const paths = strings(typeof entry === 'string' ? entry : config['path']);
  for (const key of ['path', 'env_file']) {
    if (isTextOrTexts(config[key])) continue;
    context.problems.add('must be a string or a list of strings', { ...place, path: [...place.path, key] });
    return undefined;
  }
  const [main] = paths;
  if (main === undefined) {
    context.problems.add('must be a path, or a mapping with a path', place);
    return undefined;
  }
  const resolve = (path: string): string => {
    const expanded = expandHome(path);
    return isAbsolute(expanded) ? expanded : join(context.workingDir, expanded);
  };
  const files: string[] = [];
  for (const path of paths) {
    const file = context.files.remotes.find(path) ?? resolve(path);
    if (file instanceof MydockerError) {
      context.problems.add(file.message, { ...place, code: file.code, hint: file.hint });
      return undefined;
    }
    files.push(file);
  }
  const [mainFile = main] = files;
  const directory = config['project_directory'];
  const workingDir = typeof directory === 'string' && directory !== '' ? directoryOf(resolve(directory), context) : dirname(mainFile);
  if (context.trail.includes(mainFile)) {
    const trail = [...context.trail, mainFile].map((file) => context.files.display(file));
    context.problems.add(`include cycle detected: ${trail.join(' includes ')}`, place);
    return undefined;
  }
  const unreadable = files.filter((path) => !canRead(path, place, context.problems));
  if (unreadable.length > 0) return undefined;
  const variables = context.variables.clone();
  const envFiles = chooseEnvFiles(config['env_file'], workingDir, context);
  addEnvFiles(envFiles, variables, context.files, context.problems);
  const absolute = context.resolvePaths || (typeof directory === 'string' && isAbsolute(directory));
  const pathBase = absolute ? workingDir : relative(context.workingDir, workingDir) || '.';
  return context.loadModel(files, { workingDir, pathBase }, variables, context.trail);
}

/** What is no directory stands for the one it is in, as with Docker Compose. */
function directoryOf(path: string, { files }: IncludeContext): string {
  return files.inputs.kindOf(path) === 'directory' ? path : dirname(path);
}

function canRead(path: string, place: Place, problems: Problems): boolean {
  try {
    accessSync(path, constants.R_OK);
    return true;
  } catch (error) {
    problems.add(`cannot read ${path}: ${reasonOf(error)}`, place);
    return false;
  }
}

function chooseEnvFiles(value: Value | undefined, workingDir: string, including: IncludeContext): string[] {
  const given = strings(value);
  if (given.length === 0) {
    const file = join(workingDir, '.env');
    return including.files.isFile(file) ? [file] : [];
  }
  return given.filter((file) => file !== '/dev/null').map((file) => (isAbsolute(file) ? file : join(including.workingDir, file)));
}

function strings(value: Value | undefined): string[] {
  if (typeof value === 'string') return [value];
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}

function isTextOrTexts(value: Value | undefined): boolean {
  return (Array.isArray(value) ? value : [value ?? '']).every((item) => typeof item === 'string');
}

function importResources(
  root: Mapping,
  imported: Mapping,
  place: Place,
  { workingDir, resolvePaths: absolute, problems }: IncludeContext,
): void {
  for (const kind of ['services', 'volumes', 'networks', 'secrets', 'configs', 'models']) {
    const from = imported[kind];
    if (!isMapping(from)) continue;
    const into = isMapping(root[kind]) ? root[kind] : newMapping();
    root[kind] = into;
    for (const name of Object.keys(from)) {
      const value = from[name] as Value;
      const origin = originOf(from, name);
      if (name in into) {
        const own = into[name] as Value;
        if (!sameValue(own, value) && !sameValue(withPaths(kind, name, own, absolute ? workingDir : '.'), value)) {
          problems.add('conflicts with imported resource', {
            path: [kind, name],
            position: positionOf(originOf(into, name)) ?? place.position,
            hint: `it is also defined at ${formatPlace(origin && positionOf(origin))}`,
          });
        }
        continue;
      }
      put(into, name, value, origin && { ...origin, cause: 'include' });
    }
  }
}

/** The resource as it is once its paths are resolved, which those of an included file are already. */
function withPaths(kind: string, name: string, value: Value, base: string): Value {
  const resources = newMapping();
  resources[name] = cloneTree(value);
  const root = newMapping();
  root[kind] = resources;
  resolvePaths(root, base);
  return resources[name];
}

function formatPlace(position: ReturnType<typeof positionOf>): string {
  return position === undefined ? 'the included file' : `${position.file}:${String(position.line)}:${String(position.column)}`;
}

function sameValue(a: Value, b: Value): boolean {
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((item, index) => sameValue(item, b[index] as Value));
  if (isMapping(a) && isMapping(b)) {
    const keys = Object.keys(a);
    return keys.length === Object.keys(b).length && keys.every((key) => key in b && sameValue(a[key] as Value, b[key] as Value));
  }
  return a === b;
}
