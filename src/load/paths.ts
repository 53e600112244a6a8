import { realpathSync } from 'node:fs';
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { cleanPath } from './canonical/short-volume.ts';
import { compileRules, ruleChild, type RuleNode } from './rules.ts';
import { isMapping, type Mapping, type Value } from './tree.ts';

type Resolve = (value: Value, base: string) => Value;

/** Makes relative paths of the model absolute (or relative to where `base` is relative to), in place. */
export function resolvePaths(root: Mapping, base: string): void {
  visit(root, base, resolvers);
}

function visit(container: Mapping | Value[], base: string, rules: RuleNode<Resolve>): void {
  const keys: (string | number)[] = Array.isArray(container) ? [...container.keys()] : Object.keys(container);
  for (const key of keys) {
    const rule = ruleChild(rules, key);
    if (rule === undefined) continue;
    const target = container as Record<string | number, Value>;
    const value = target[key] as Value;
    if (rule.rule !== undefined) target[key] = rule.rule(value, base);
    else if (typeof value === 'object' && value !== null) visit(value, base, rule);
  }
}

export function expandHome(path: string): string {
  return path.startsWith('~') ? join(process.env['HOME'] ?? homedir(), path.slice(1)) : path;
}

function absolutePath(path: string, base: string): string {
  const expanded = expandHome(path);
  return isAbsolute(expanded) ? expanded : cleanPath(join(base, expanded));
}

const path: Resolve = (value, base) => (typeof value === 'string' ? absolutePath(value, base) : value);

/** Leaves a Windows path and a path that is there already. */
const maybeUnixPath: Resolve = (value, base) =>
  typeof value === 'string' && !/^([A-Za-z]:[\\/]|\\\\)/.test(value) ? absolutePath(value, base) : value;

const context: Resolve = (value, base) => {
  if (typeof value !== 'string' || value.includes('://') || value.startsWith('service:') || isRemote(value)) return value;
  return absolutePath(value, base);
};

/** Docker's rule for a build context that is not a local folder. */
function isRemote(value: string): boolean {
  return /^(https?:\/\/|git:\/\/|ssh:\/\/|git@|github\.com\/)/.test(value) || /^[\w.-]+@[\w.-]+:.+/.test(value);
}

const bind: Resolve = (value, base) => {
  if (isMapping(value) && value['type'] === 'bind' && value['source'] !== undefined) {
    value['source'] = maybeUnixPath(value['source'], base);
  }
  return value;
};

/** `driver: local` with `o: bind` is a bind mount in disguise. */
const bindVolume: Resolve = (value, base) => {
  if (!isMapping(value) || value['driver'] !== 'local' || !isMapping(value['driver_opts'])) return value;
  const options = value['driver_opts'];
  if (options['o'] === 'bind' && options['device'] !== undefined) options['device'] = maybeUnixPath(options['device'], base);
  return value;
};

const watched: Resolve = (value, base) => {
  if (typeof value !== 'string') return value;
  const absolute = absolutePath(value, base);
  try {
    return realpathSync(absolute);
  } catch {
    return absolute;
  }
};

const resolvers = compileRules<Resolve>({
  'services.*.build.context': context,
  'services.*.build.additional_contexts.*': context,
  'services.*.build.ssh.*': maybeUnixPath,
  'services.*.env_file.*.path': path,
  'services.*.label_file.*': path,
  'services.*.extends.file': path,
  'services.*.develop.watch.*.path': watched,
  'services.*.volumes.*': bind,
  'configs.*.file': maybeUnixPath,
  'secrets.*.file': maybeUnixPath,
  'volumes.*': bindVolume,
});
