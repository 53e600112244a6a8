import type { Project } from '../../model/project.ts';
import { identities } from '../merge/unique.ts';
import { ruleChild, type RuleNode } from '../rules.ts';
import { DEPLOY_KEYS, TRIGGER_KEYS } from '../project/part-shapes.ts';
import { NETWORK_KEYS } from '../project/resource-shapes.ts';
import { SERVICE_KEYS } from '../project/service-shape.ts';
import { inOrder } from './in-order.ts';
import { byCode, natural, sortDeep, sortKeys } from './key-order.ts';

type Json = Record<string, unknown>;

/**
 * The project as `config --format json` prints it, which differs from YAML the way Docker Compose's does: a command that
 * is not set is null, some empty objects stay, extensions only at the top, two keys of blkio_config in capitals.
 */
export function jsonForm(project: Project): Json {
  const result: Json = { ...project };
  result['services'] = mapValues(project.services, serviceForm);
  Reflect.deleteProperty(result, 'models');
  for (const key of ['networks', 'volumes', 'secrets', 'configs']) {
    if (result[key] !== undefined) result[key] = mapValues(result[key] as Json, stripExtensions);
  }
  if (result['networks'] !== undefined)
    result['networks'] = mapValues(result['networks'] as Json, (network) =>
      inOrder(NETWORK_KEYS, { ...network, ipam: network['ipam'] ?? {} }),
    );
  return sortKeys(
    mapValues(result, (value, key) => (key.startsWith('x-') ? sortDeep(emptyListsAsNull(value), byCode) : value)),
    byCode,
  );
}

/** The merged model as `config --no-interpolate --format json` prints it. */
export function modelJsonForm(model: Json, normalized: boolean): unknown {
  return sortDeep(emptyListsAsNull(model, identities, normalized ? RESOLVED : new Set()), byCode);
}

/** Lists that normalisation writes anew. */
const RESOLVED = new Set(['environment', 'args']);

/** As Go prints a list that nothing was put in; the lists in which `kept` looks for equal entries have been made, though. */
function emptyListsAsNull(value: unknown, kept?: RuleNode<unknown>, resolved: ReadonlySet<string> = new Set()): unknown {
  if (Array.isArray(value)) return value.length === 0 && kept?.rule === undefined ? null : value.map((item) => emptyListsAsNull(item));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, item]) => {
    return [key, emptyListsAsNull(item, resolved.has(key) ? undefined : ruleChild(kept, key), resolved)] as const;
  });
  return Object.fromEntries(entries);
}

/** The project as YAML: the model itself, but for ssh keys and the order of names that the user has chosen. */
export function yamlForm(project: Project): Json {
  const form: Json = { ...project, services: mapValues(project.services, withSshForm) };
  return mapValues(form, (value, key) => (SECTIONS.has(key) ? orderNames(value) : orderOne(key, value)));
}

const SECTIONS = new Set(['services', 'networks', 'volumes', 'secrets', 'configs', 'models']);

/** A mapping whose keys the user chose. */
function orderNames(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return mapValues(sortKeys(value as Json, natural), orderKeys);
}

/** An object of the schema: its own keys stand as they are. */
function orderKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(orderKeys);
  if (typeof value !== 'object' || value === null) return value;
  return mapValues(value as Json, (item, key) => orderOne(key, item));
}

function orderOne(key: string, value: unknown): unknown {
  if (key.startsWith('x-')) return sortDeep(value, natural);
  return USER_KEYS.has(key) ? orderNames(value) : orderKeys(value);
}

function withSshForm(service: Json): Json {
  const build = service['build'] as Json | undefined;
  return build?.['ssh'] === undefined ? service : { ...service, build: { ...build, ssh: sshForm(build['ssh']) } };
}

function mapValues(record: Json, change: (value: Json, key: string) => unknown): Json {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, value === null ? null : change(value as Json, key)]));
}

function serviceForm(service: Json): Json {
  const bare = stripExtensions(service) as Json;
  const result = inOrder<Json>(SERVICE_KEYS, { ...bare, command: bare['command'] ?? null, entrypoint: bare['entrypoint'] ?? null });
  const deploy = result['deploy'] as Json | undefined;
  if (deploy !== undefined) {
    result['deploy'] = inOrder(DEPLOY_KEYS, { ...deploy, resources: deploy['resources'] ?? {}, placement: deploy['placement'] ?? {} });
  }
  const blkio = result['blkio_config'] as Json | undefined;
  if (blkio !== undefined) result['blkio_config'] = mapBlkio(blkio);
  for (const key of ['post_start', 'pre_stop']) {
    const hooks = result[key] as Json[] | undefined;
    if (hooks !== undefined) result[key] = hooks.map(hookForm);
  }
  const develop = result['develop'] as Json | undefined;
  const watch = develop?.['watch'] as Json[] | undefined;
  if (watch !== undefined) {
    result['develop'] = {
      ...develop,
      watch: watch.map((trigger) => inOrder(TRIGGER_KEYS, { ...trigger, exec: hookForm((trigger['exec'] ?? {}) as Json) })),
    };
  }
  return withSshForm(result);
}

function hookForm(hook: Json): Json {
  return { ...hook, command: hook['command'] ?? null };
}

/** Docker Compose prints `id: path` where files have `id=path`; the loader reads both. */
function sshForm(keys: unknown): unknown {
  return Array.isArray(keys) ? keys.map((key) => String(key).replace('=', ': ')) : keys;
}

function mapBlkio(blkio: Json): Json {
  return Object.fromEntries(
    Object.entries(blkio).map(([key, value]) => [key, Array.isArray(value) ? value.map((item) => capitalize(item as Json)) : value]),
  );
}

function capitalize(item: Json): Json {
  return Object.fromEntries(Object.entries(item).map(([key, value]) => [key.charAt(0).toUpperCase() + key.slice(1), value]));
}

/** Names of a mapping that the user chooses may start with x-; keys of the schema may not. */
const USER_KEYS = new Set([
  'depends_on',
  'networks',
  'environment',
  'labels',
  'args',
  'annotations',
  'driver_opts',
  'options',
  'sysctls',
  'storage_opt',
  'additional_contexts',
  'ulimits',
  'models',
  'aux_addresses',
]);

function stripExtensions(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(stripExtensions);
  if (typeof value !== 'object' || value === null) return value;
  const result: Json = {};
  for (const [key, item] of Object.entries(value)) {
    if (key.startsWith('x-')) continue;
    result[key] = USER_KEYS.has(key) ? stripValues(item) : stripExtensions(item);
  }
  return result;
}

function stripValues(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, stripExtensions(item)]));
}
