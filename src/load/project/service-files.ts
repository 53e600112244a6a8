import type { Position } from '../../errors.ts';
import type { Project } from '../../model/project.ts';
import type { EnvFile, Service } from '../../model/service.ts';
import { parseDotenv } from '../environment/dotenv.ts';
import { readEnvSource } from '../environment/read-env-file.ts';
import { inOrder } from '../output/in-order.ts';
import { SERVICE_KEYS } from './service-shape.ts';
import type { Variables } from '../environment/variables.ts';
import type { FileNames } from '../files/file-names.ts';
import type { Problems } from '../problems.ts';
import type { Source } from '../source.ts';
import type { Path } from '../tree.ts';
import { byCode, sortKeys } from '../output/key-order.ts';

export interface ServiceFilesContext {
  readonly variables: Variables;
  readonly files: FileNames;
  readonly problems: Problems;
  /** For positions of problems. */
  readonly locate: (path: Path) => Position | undefined;
  /** Containers will be made: what no program could be given is a problem. */
  readonly forRuntime?: boolean;
}

/** Puts the contents of `env_file` into `environment` of every service, and gives bare names their values. */
export function resolveEnvironments(services: Project['services'], context: ServiceFilesContext): Record<string, Service> {
  return mapServices(services, (service, name) => resolveEnvironment(service, name, context));
}

/** Puts the contents of `label_file` into `labels`. */
export function resolveLabels(services: Project['services'], context: ServiceFilesContext): Record<string, Service> {
  return mapServices(services, (service, name) => resolveLabelFiles(service, name, context));
}

function mapServices(services: Project['services'], change: (service: Service, name: string) => Service): Record<string, Service> {
  return Object.fromEntries(Object.entries(services).map(([name, service]) => [name, change(service, name)]));
}

function resolveEnvironment(service: Service, name: string, context: ServiceFilesContext): Service {
  const { env_file: envFiles, environment: own } = service;
  if (envFiles === undefined && own === undefined) return service;
  const environment: Record<string, string | null> = {};
  for (const [key, value] of Object.entries(own ?? {})) environment[key] = value ?? context.variables.get(key) ?? null;
  const fromFiles: Record<string, string> = {};
  const lookup = (key: string): string | undefined => context.variables.get(key) ?? environment[key] ?? undefined;
  envFiles?.forEach((file, index) => {
    const place = ['services', name, 'env_file', index];
    Object.assign(fromFiles, readFile(file, place, context, { lookup, fallback: (key) => fromFiles[key] }));
  });
  const merged = { ...fromFiles, ...environment };
  const { env_file: _resolved, ...rest } = service;
  return withKey(rest, 'environment', sortKeys(merged, byCode));
}

function resolveLabelFiles(service: Service, name: string, context: ServiceFilesContext): Service {
  const { label_file: files } = service;
  if (files === undefined) return service;
  const labels: Record<string, string> = {};
  files.forEach((path, index) => {
    const place = ['services', name, 'label_file', index];
    Object.assign(labels, readFile({ path, required: true }, place, context, { lookup: (key) => labels[key] }, 'label'));
  });
  const { label_file: _resolved, ...rest } = service;
  return withKey(rest, 'labels', sortKeys({ ...labels, ...service.labels }, byCode));
}

function readFile(
  file: EnvFile,
  path: readonly (string | number)[],
  context: ServiceFilesContext,
  { lookup, fallback }: { lookup: (name: string) => string | undefined; fallback?: (name: string) => string | undefined },
  kind = 'env',
): Record<string, string> {
  const { problems } = context;
  const details = { path, position: context.locate(path) };
  if (file.format !== undefined && file.format !== 'raw') {
    problems.add(`unsupported env_file format ${JSON.stringify(file.format)}`, { ...details, hint: 'leave it out, or write raw' });
    return {};
  }
  if (context.files.inputs.kindOf(file.path) === 'none') {
    if (file.required)
      problems.add(`${kind} file ${file.path} not found`, {
        ...details,
        hint: kind === 'env' ? 'create it, or write required: false' : undefined,
      });
    return {};
  }
  const source = readEnvSource(file.path, context.files, problems, details);
  if (source === undefined) return {};
  if (file.format === 'raw') {
    return readRaw(source, lookup, (message, offset) => {
      problems.add(`failed to parse env_file ${file.path}: ${message}`, { path, position: source.position(offset) });
    });
  }
  const { entries, error } = parseDotenv(source.text, lookup, fallback);
  if (error !== undefined) {
    const position = source.position(error.offset);
    problems.add(`failed to read ${file.path}: line ${String(position.line)}: ${error.message}`, { path, position });
  }
  const nameless = context.forRuntime === true ? entries.filter(({ name }) => name === '') : [];
  for (const { value, offset } of nameless) {
    const position = source.position(offset);
    const message = `failed to read ${file.path}: line ${String(position.line)}: a value without a name: ${JSON.stringify(value)}`;
    problems.add(message, { path, position, hint: 'write NAME=VALUE' });
  }
  return Object.fromEntries(entries.map(({ name, value }) => [name, value]));
}

/** `format: raw`: everything after `=` as it stands; a bare name has the value that `lookup` knows. */
function readRaw(
  source: Source,
  lookup: (name: string) => string | undefined,
  fail: (message: string, offset: number) => void,
): Record<string, string> {
  const values: Record<string, string> = {};
  let offset = 0;
  for (const line of source.text.split('\n')) {
    const start = line.trimStart().replace(/\r$/, '');
    const [name, given] = splitAtEquals(start);
    if (start !== '' && !start.startsWith('#')) {
      if (name === '') fail(`no variable name on line '${line}'`, offset);
      else if (/[ \t\n\v\f\r]/.test(name)) fail(`variable '${name}' contains whitespaces`, offset);
      else {
        const value = given ?? lookup(name);
        if (value !== undefined) values[name] = value;
      }
    }
    offset += line.length + 1;
  }
  return values;
}

function splitAtEquals(line: string): [string, string?] {
  const equals = line.indexOf('=');
  return equals === -1 ? [line] : [line.slice(0, equals), line.slice(equals + 1)];
}

/** Sets a key at its place. */
function withKey(service: Service, key: 'environment' | 'labels', value: Record<string, string | null>): Service {
  if (Object.keys(value).length === 0) return service;
  return key in service ? { ...service, [key]: value } : inOrder(SERVICE_KEYS, { ...service, [key]: value });
}
