import { formatScalar } from './format-scalar.ts';
import { cleanPath } from './canonical/short-volume.ts';
import { isMapping, newMapping, originOf, push, put, type Mapping, type Value } from './tree.ts';

/** What gives names their values. */
export interface Lookup {
  get(name: string): string | undefined;
}

/** Where variables are not replaced, names without a value stay as they are. */
export const noVariables: Lookup = { get: () => undefined };

/** Adds what the model implies: the default network, dependencies, names, values of the environment. In place. */
export function normalize(root: Mapping, projectName: string, variables: Lookup): void {
  root['name'] = projectName;
  addDefaultNetwork(root);
  for (const service of services(root)) normalizeService(service, variables);
  for (const kind of ['networks', 'volumes', 'configs', 'secrets']) nameResources(root[kind], projectName);
}

function services(root: Mapping): Mapping[] {
  return isMapping(root['services']) ? Object.values(root['services']).filter(isMapping) : [];
}

function addDefaultNetwork(root: Mapping): void {
  let used = false;
  for (const service of services(root)) {
    if ('provider' in service || 'network_mode' in service) continue;
    const networks = service['networks'];
    if (!isMapping(networks) || Object.keys(networks).length === 0) {
      const own = newMapping();
      own['default'] = null;
      service['networks'] = own;
      used = true;
    } else if ('default' in networks) used = true;
  }
  if (!used) return;
  const networks = isMapping(root['networks']) ? root['networks'] : newMapping();
  networks['default'] ??= null;
  root['networks'] = networks;
}

function normalizeService(service: Mapping, variables: Lookup): void {
  if (service['pull_policy'] === 'if_not_present') service['pull_policy'] = 'missing';
  const build = service['build'];
  if (isMapping(build)) {
    build['context'] ??= '.';
    if (build['dockerfile'] === undefined && build['dockerfile_inline'] === undefined) build['dockerfile'] = 'Dockerfile';
    if (build['args'] !== undefined) build['args'] = resolveNames(build['args'], variables, false);
  }
  if (service['environment'] !== undefined) service['environment'] = resolveNames(service['environment'], variables, true);
  if (Array.isArray(service['volumes'])) {
    for (const volume of service['volumes']) {
      if (isMapping(volume) && typeof volume['target'] === 'string') volume['target'] = cleanPath(volume['target']);
    }
  }
  addImpliedDependencies(service);
}

/** Gives a name without a value the value it has where the command runs. */
export function resolveNames(value: Value, variables: Lookup, keepUnset: boolean): Value {
  if (Array.isArray(value)) {
    const list: Value[] = [];
    value.forEach((entry, index) => {
      const known = typeof entry === 'string' && !entry.includes('=') ? variables.get(entry) : undefined;
      const bare = typeof entry === 'string' && !entry.includes('=');
      if (known !== undefined) push(list, `${formatScalar(entry)}=${known}`, originOf(value, index));
      else if (!bare || keepUnset) push(list, entry, originOf(value, index));
    });
    return list;
  }
  if (!isMapping(value)) return value;
  const map = newMapping();
  for (const key of Object.keys(value)) {
    const own = value[key] as Value;
    const known = own ?? variables.get(key);
    if (known !== undefined) put(map, key, known, originOf(value, key));
    else if (keepUnset) put(map, key, null, originOf(value, key));
  }
  return map;
}

function addImpliedDependencies(service: Mapping): void {
  const dependencies = isMapping(service['depends_on']) ? service['depends_on'] : newMapping();
  const add = (name: string, restart: boolean): void => {
    if (name in dependencies) return;
    const dependency = newMapping();
    dependency['condition'] = 'service_started';
    dependency['restart'] = restart;
    dependency['required'] = true;
    dependencies[name] = dependency;
  };
  for (const link of strings(service['links'])) {
    const parts = link.split(':');
    add(parts.length === 2 ? (parts[0] ?? link) : link, true);
  }
  for (const key of ['network_mode', 'ipc', 'pid', 'uts', 'cgroup']) {
    const value = service[key];
    if (typeof value === 'string' && value.startsWith('service:')) add(value.slice('service:'.length), true);
  }
  for (const from of strings(service['volumes_from'])) {
    if (!from.startsWith('container:')) add(from.split(':', 1)[0] ?? from, false);
  }
  if (Object.keys(dependencies).length > 0) service['depends_on'] = dependencies;
}

function strings(value: Value | undefined): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}

function nameResources(resources: Value | undefined, projectName: string): void {
  if (!isMapping(resources)) return;
  for (const key of Object.keys(resources)) {
    const value = resources[key];
    const resource = isMapping(value) ? value : newMapping();
    const external = resource['external'] === true || resource['external'] === 'true';
    resource['name'] ??= external ? key : `${projectName}_${key}`;
    resources[key] = resource;
  }
}
