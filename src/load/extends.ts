import { dirname, isAbsolute, join, relative } from 'node:path';
import { MydockerError } from '../errors.ts';
import type { RemoteFiles } from './files/remote-files.ts';
import { mergeServices } from './merge/merge.ts';
import { resolvePaths } from './paths.ts';
import { positionOf, type Problems } from './problems.ts';
import { applyResets } from './resets.ts';
import { cloneTree, isMapping, newMapping, originOf, put, type Mapping, type Path, type Value } from './tree.ts';

/** A file as `extends` needs it: interpolated and canonical, but not merged, validated or resolved. */
export interface ExtendableFile {
  readonly root: Mapping;
  readonly resets: readonly Path[];
}

export interface ExtendsContext {
  readonly workingDir: string;
  readonly problems: Problems;
  readonly remotes: RemoteFiles;
  load(path: string): ExtendableFile | undefined;
  display(path: string): string;
}

interface Step {
  readonly file: string;
  readonly service: string;
}

/** Replaces every `extends` of `root` by what it stands for, in place. */
export function applyExtends(root: Mapping, file: string, resets: readonly Path[], context: ExtendsContext): void {
  const services = root['services'];
  if (!isMapping(services)) return;
  for (const name of Object.keys(services)) resolveService(name, services, file, [resets], [], context);
}

function resolveService(
  name: string,
  services: Mapping,
  file: string,
  resets: readonly (readonly Path[])[],
  trail: readonly Step[],
  context: ExtendsContext,
): Value | undefined {
  const service = services[name];
  if (!isMapping(service) || service['extends'] === undefined) return service;
  const reference = readReference(service);
  const { problems } = context;
  const details = { path: ['services', name, 'extends'], position: positionOf(originOf(service, 'extends')) };
  if (reference === undefined) return service;
  const steps = [...trail, { file, service: name }];
  if (trail.some((step) => step.file === file && step.service === name)) {
    const places = steps.map((step) => `${step.service} in ${context.display(step.file)}`);
    problems.add(`circular reference: ${places.join(' extends ')}`, details);
    Reflect.deleteProperty(service, 'extends');
    return service;
  }
  const source = findBase(name, reference, services, file, details, context);
  if (source === undefined) return service;
  const base = resolveService(reference.service, source.services, source.file, [...resets, source.resets], steps, context);
  if (!isMapping(base)) return service;
  const copy = cloneTree(base);
  const holder = newMapping();
  holder['services'] = newMapping();
  holder['services'][name] = copy;
  for (const paths of resets) applyResets(holder, paths);
  const merged = mergeServices(name, copy, service, problems);
  Reflect.deleteProperty(merged, 'extends');
  put(services, name, merged, originOf(services, name));
  return merged;
}

function readReference(service: Mapping): { service: string; file: string | undefined } | undefined {
  const value = service['extends'];
  if (typeof value === 'string') return { service: value, file: undefined };
  if (!isMapping(value) || typeof value['service'] !== 'string') return undefined;
  const file = value['file'] ?? undefined;
  // A file of another type is left for the schema to refuse.
  return file === undefined || typeof file === 'string' ? { service: value['service'], file } : undefined;
}

function findBase(
  name: string,
  reference: { service: string; file: string | undefined },
  services: Mapping,
  file: string,
  details: { path: Path; position: ReturnType<typeof positionOf> },
  context: ExtendsContext,
): { services: Mapping; file: string; resets: readonly Path[] } | undefined {
  const fail = (reason: string): undefined => {
    context.problems.add(`cannot extend service ${JSON.stringify(name)} in ${context.display(file)}: ${reason}`, details);
    return undefined;
  };
  if (reference.file === undefined) {
    if (!(reference.service in services)) {
      fail(`service ${JSON.stringify(reference.service)} not found`);
      return;
    }
    return { services, file, resets: [] };
  }
  const fetched = context.remotes.find(reference.file);
  if (fetched instanceof MydockerError) {
    context.problems.add(fetched.message, { ...details, code: fetched.code, hint: fetched.hint });
    return undefined;
  }
  const path = fetched ?? (isAbsolute(reference.file) ? reference.file : join(context.workingDir, reference.file));
  const loaded = context.load(path);
  if (loaded === undefined) {
    fail(`${reference.file} cannot be read`);
    return;
  }
  const found = loaded.root['services'];
  if (!isMapping(found)) {
    fail(`${reference.file} has no services`);
    return;
  }
  if (!(reference.service in found)) {
    fail(`service ${JSON.stringify(reference.service)} not found in ${reference.file}`);
    return;
  }
  // Relative paths of the other file start at that file; they are made relative to the project, which resolves them last.
  resolvePaths(loaded.root, relative(context.workingDir, dirname(path)) || '.');
  return { services: found, file: path, resets: loaded.resets };
}
