import { formatScalar } from '../format-scalar.ts';
import type { Problems } from '../problems.ts';
import { compileRules, ruleChild, type RuleNode } from '../rules.ts';
import { isMapping, type Mapping, type Path, type Value } from '../tree.ts';
import { isIP } from '../../util/ip.ts';

type Check = (value: Value, path: Path, fail: (message: string) => void) => void;

/** What the schema cannot say about single values of the canonical model; `lenient` passes what has variables in it. */
export function checkValues(root: Mapping, problems: Problems, lenient: boolean): void {
  visit(root, [], checks, (path, message, value) => {
    if (!lenient || !hasVariable(value)) problems.addAt(root, path, message);
  });
}

function hasVariable(value: Value): boolean {
  if (typeof value === 'object' && value !== null) return Object.values(value).some(hasVariable);
  return typeof value === 'string' && value.includes('$');
}

function visit(
  container: Mapping | Value[],
  path: (string | number)[],
  rules: RuleNode<Check>,
  report: (path: Path, message: string, value: Value) => void,
): void {
  const keys: (string | number)[] = Array.isArray(container) ? [...container.keys()] : Object.keys(container);
  for (const key of keys) {
    const rule = ruleChild(rules, key);
    if (rule === undefined) continue;
    path.push(key);
    const value = (container as Record<string | number, Value>)[key] as Value;
    rule.rule?.(value, path, (message) => {
      report([...path], message, value);
    });
    if (typeof value === 'object' && value !== null) visit(value, path, rule, report);
    path.pop();
  }
}

const fileObject =
  (...sources: string[]): Check =>
  (value, _path, fail) => {
    if (!isMapping(value)) return;
    const given = sources.filter((key) => value[key] !== undefined);
    const all = sources.join('|');
    if (given.length > 1) fail(`${all} attributes are mutually exclusive`);
    if (given.length === 0 && value['driver'] === undefined && value['external'] === undefined) fail(`one of ${all} must be set`);
  };

function checkExternal(value: Mapping, fail: (message: string) => void): void {
  if (value['external'] !== true && value['external'] !== 'true') return;
  for (const key of Object.keys(value)) {
    if (key !== 'external' && key !== 'name' && !key.startsWith('x-')) {
      fail(`conflicting parameters "external" and ${JSON.stringify(key)} specified`);
    }
  }
}

const external: Check = (value, _path, fail) => {
  if (isMapping(value)) checkExternal(value, fail);
};

const hostIp: Check = (value, _path, fail) => {
  if (!isMapping(value) || typeof value['host_ip'] !== 'string' || value['host_ip'] === '') return;
  if (isIP(value['host_ip']) === 0) fail(`invalid ip address: ${value['host_ip']}`);
};

const notBlank: Check = (value, _path, fail) => {
  if (value === '') fail("value can't be blank");
};

const device: Check = (value, _path, fail) => {
  if (isMapping(value) && value['count'] !== undefined && value['device_ids'] !== undefined) {
    fail('"count" and "device_ids" attributes are exclusive');
  }
};

const bindSource: Check = (value, _path, fail) => {
  if (!isMapping(value) || value['type'] !== 'bind') return;
  if (value['source'] === undefined || value['source'] === '') fail('invalid mount config for type "bind": field source must not be empty');
};

const mountTarget: Check = (value, _path, fail) => {
  if (isMapping(value) && formatScalar(value['target']) === '') fail('is missing a mount target');
};

const portTarget: Check = (value, _path, fail) => {
  if (isMapping(value) && (value['target'] === undefined || value['target'] === 0)) fail('is missing a target port');
};

const notNegative: Check = (value, _path, fail) => {
  if ((typeof value === 'number' || typeof value === 'bigint') && value < 0) fail('must be greater than or equal to 0');
};

const checks = compileRules<Check>({
  'configs.*': fileObject('file', 'environment', 'content'),
  'secrets.*': fileObject('file', 'environment'),
  'volumes.*': external,
  'services.*.deploy.resources.reservations.devices.*': device,
  'services.*.deploy.replicas': notNegative,
  'services.*.scale': notNegative,
  'services.*.develop.watch.*.path': notBlank,
  'services.*.gpus.*': device,
  'services.*.ports.*': (value, path, fail) => {
    portTarget(value, path, fail);
    hostIp(value, path, fail);
  },
  'services.*.volumes.*': (value, path, fail) => {
    mountTarget(value, path, fail);
    bindSource(value, path, fail);
  },
});
