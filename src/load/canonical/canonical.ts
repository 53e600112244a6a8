import { formatScalar } from '../format-scalar.ts';
import type { Problems } from '../problems.ts';
import { compileRules, ruleChild, type RuleNode } from '../rules.ts';
import { isMapping, newMapping, originOf, push, put, type Mapping, type Path, type Value } from '../tree.ts';
import { toMapping } from '../merge/sequences.ts';
import { parsePort } from './short-port.ts';
import { cleanPath, parseVolume } from './short-volume.ts';

/** What a transformation may say and look at. */
interface Context {
  readonly root: Mapping;
  readonly problems: Problems;
  /** Variables are not replaced, so a short form may not be readable yet; it is then left as it is. */
  readonly lenient: boolean;
}
type Transform = (value: Value, path: Path, context: Context) => Value;

/** Turns every short form of the model into its long form, in place. */
export function makeCanonical(root: Mapping, problems: Problems, lenient: boolean): void {
  visit(root, [], transforms, { root, problems, lenient });
}

function visit(container: Mapping | Value[], path: (string | number)[], rules: RuleNode<Transform>, context: Context): void {
  const keys: (string | number)[] = Array.isArray(container) ? [...container.keys()] : Object.keys(container);
  for (const key of keys) {
    const rule = ruleChild(rules, key);
    if (rule === undefined) continue;
    path.push(key);
    const target = container as Record<string | number, Value>;
    let value = target[key] as Value;
    if (rule.rule !== undefined) {
      value = rule.rule(value, path, context);
      target[key] = value;
    }
    if (typeof value === 'object' && value !== null) visit(value, path, rule, context);
    path.pop();
  }
}

function mappingOf(entries: Readonly<Record<string, Value | undefined>>): Mapping {
  const map = newMapping();
  for (const [key, value] of Object.entries(entries)) if (value !== undefined) map[key] = value;
  return map;
}

function fail(context: Context, path: Path, message: string): void {
  if (!context.lenient) context.problems.addAt(context.root, path, message);
}

const service: Transform = (value, path, context) => {
  if (!isMapping(value)) fail(context, path, 'must be a mapping');
  return value;
};

const build: Transform = (value) => (typeof value === 'string' ? mappingOf({ context: value }) : value);
const extending: Transform = (value) => (typeof value === 'string' ? mappingOf({ service: value }) : value);
const fileReference: Transform = (value) => (typeof value === 'string' ? mappingOf({ source: value }) : value);
const listOfStrings: Transform = (value) => (typeof value === 'string' ? [value] : value);
const namesToMapping: Transform = (value) => toMapping(value, () => null);

const dependsOn: Transform = (value) => {
  const map = toMapping(value, () => mappingOf({ condition: 'service_started', required: true }));
  for (const item of Object.values(map)) if (isMapping(item)) item['required'] ??= true;
  return map;
};

const envFiles: Transform = (value) => {
  const list: Value[] = [];
  const entries = Array.isArray(value) ? value : [value];
  entries.forEach((entry, index) => {
    const file = typeof entry === 'string' ? mappingOf({ path: entry, required: true }) : entry;
    if (isMapping(file)) file['required'] ??= true;
    push(list, file, Array.isArray(value) ? originOf(value, index) : undefined);
  });
  return list;
};

const keyValues: Transform = (value, path, context) => {
  if (!Array.isArray(value)) return value;
  if (context.lenient && !value.every((entry) => formatScalar(entry).includes('='))) return value;
  const map = newMapping();
  value.forEach((entry, index) => {
    const text = formatScalar(entry);
    const equals = text.indexOf('=');
    if (equals === -1) fail(context, [...path, index], `${JSON.stringify(text)} has no "=": write NAME=VALUE`);
    else put(map, text.slice(0, equals), text.slice(equals + 1), originOf(value, index));
  });
  return map;
};

const ssh: Transform = (value, path, context) => {
  const keys = typeof value === 'string' ? value.split(',') : value;
  if (!Array.isArray(keys)) return value;
  const map = newMapping();
  keys.forEach((entry, index) => {
    // `id: path` is what `docker compose config` prints.
    const text = formatScalar(entry).replace(/^([^=:]+): /, '$1=');
    const equals = text.indexOf('=');
    if (equals === -1 && text !== 'default') fail(context, path, `invalid ssh key ${JSON.stringify(text)}: write ID=PATH, or default`);
    const origin = Array.isArray(value) ? originOf(value, index) : undefined;
    put(map, equals === -1 ? text : text.slice(0, equals), equals === -1 ? null : text.slice(equals + 1), origin);
  });
  return map;
};

const device: Transform = (value, path, context) => {
  if (typeof value !== 'string') return value;
  const [source = '', target, permissions, ...rest] = value.split(':');
  if (rest.length > 0) {
    fail(context, path, `confusing device mapping, please use long syntax: ${value}`);
    return value;
  }
  return mappingOf({ source, target: target ?? source, permissions: permissions ?? 'rwm' });
};

const gpus: Transform = (value) => (typeof value === 'string' ? [mappingOf({ count: value })] : value);

const ports: Transform = (value, path, context) => {
  if (!Array.isArray(value)) return value;
  const list: Value[] = [];
  for (const [index, entry] of value.entries()) {
    const origin = originOf(value, index);
    if (isMapping(entry)) {
      push(list, entry, origin);
      continue;
    }
    if (typeof entry === 'number' && !Number.isInteger(entry)) fail(context, [...path, index], `${String(entry)} is not a port`);
    const { ports: parsed, error } = parsePort(formatScalar(entry));
    if (error !== undefined) {
      if (context.lenient) return value;
      fail(context, [...path, index], error);
    }
    for (const port of parsed) push(list, mappingOf({ ...port }), origin);
  }
  return list;
};

const volume: Transform = (value, path, context) => {
  if (isMapping(value)) {
    if (typeof value['target'] === 'string' && value['target'] !== '') value['target'] = cleanPath(value['target']);
    return value;
  }
  if (typeof value !== 'string') return value;
  const { volume: parsed, error } = parseVolume(value);
  if (parsed === undefined) {
    fail(context, path, error ?? 'invalid volume');
    return value;
  }
  const { type, source, target, read_only, nocopy, propagation, selinux, bare } = parsed;
  const bind = type === 'bind' ? mappingOf({ selinux, propagation, create_host_path: true }) : undefined;
  const other = selinux !== undefined || propagation !== undefined ? mappingOf({ selinux, propagation }) : undefined;
  return mappingOf({
    type,
    source,
    target: cleanPath(target),
    read_only,
    bind: bind ?? other,
    volume: (type === 'volume' && bare !== true) || nocopy ? mappingOf({ nocopy }) : undefined,
  });
};

/** `external: {name: x}`, an old form. */
const external: Transform = (value, path, { root, problems }) => {
  if (!isMapping(value) || !isMapping(value['external'])) return value;
  const name = value['external']['name'];
  value['external'] = true;
  if (name === undefined) return value;
  problems.warn(`${path.join('.')}: external.name is deprecated, set name and external: true`);
  if (value['name'] !== undefined && value['name'] !== name) {
    problems.addAt(root, path, 'name and external.name conflict; only use name');
  }
  value['name'] ??= name;
  return value;
};

const transforms = compileRules<Transform>({
  'services.*': service,
  'services.*.build': build,
  'services.*.build.additional_contexts': keyValues,
  'services.*.build.secrets.*': fileReference,
  'services.*.build.ssh': ssh,
  'services.*.configs.*': fileReference,
  'services.*.depends_on': dependsOn,
  'services.*.develop.watch.*.ignore': listOfStrings,
  'services.*.develop.watch.*.include': listOfStrings,
  'services.*.devices.*': device,
  'services.*.dns': listOfStrings,
  'services.*.env_file': envFiles,
  'services.*.extends': extending,
  'services.*.gpus': gpus,
  'services.*.label_file': listOfStrings,
  'services.*.models': namesToMapping,
  'services.*.networks': namesToMapping,
  'services.*.ports': ports,
  'services.*.secrets.*': fileReference,
  'services.*.volumes.*': volume,
  'volumes.*': external,
  'networks.*': external,
  'secrets.*': external,
  'configs.*': external,
});
