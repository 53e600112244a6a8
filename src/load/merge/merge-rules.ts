import { compileRules } from '../rules.ts';
import { isMapping, newMapping, originOf, push, put, type Mapping, type Value } from '../tree.ts';
import { mergeMappings, type MergeRule } from './merge-mappings.ts';
import { concat, toMapping, toSequence } from './sequences.ts';

const replace: MergeRule = (_base, value) => value;

const append: MergeRule = (base, value) => concat(toSequence(base), toSequence(value));

const byName =
  (makeValue: () => Value): MergeRule =>
  (base, value, path, rules, context) =>
    mergeMappings(toMapping(base, makeValue), toMapping(value, makeValue), path, rules, context);

function startedDependency(): Mapping {
  const dependency = newMapping();
  dependency['condition'] = 'service_started';
  dependency['required'] = true;
  return dependency;
}

const mergeBuild: MergeRule = (base, value, path, rules, context) =>
  mergeMappings(buildMapping(base), buildMapping(value), path, rules, context);

function buildMapping(value: Value): Mapping {
  if (isMapping(value)) return value;
  const build = newMapping();
  if (typeof value === 'string') build['context'] = value;
  return build;
}

/** Entries that are there already are not repeated. */
const mergeExtraHosts: MergeRule = (base, value) => {
  const known = toSequence(base);
  const added: Value[] = [];
  const list = toSequence(value);
  list.forEach((entry, index) => {
    if (!known.includes(entry)) push(added, entry, originOf(list, index));
  });
  return concat(known, added);
};

/** Options of another driver make no sense, so a change of driver replaces the whole. */
const mergeLogging: MergeRule = (base, value, path, rules, context) => {
  if (value === null) return base;
  if (!isMapping(base) || !isMapping(value)) return value;
  const [before, after] = [base['driver'], value['driver']];
  if (before === undefined || after === undefined || before === after) return mergeMappings(base, value, path, rules, context);
  return value;
};

/** Pools are matched by subnet; a pool of the base that no pool of the override names is dropped, as Docker Compose does. */
const mergeIpamConfig: MergeRule = (base, value, path, rules, context) => {
  if (!Array.isArray(base) || !Array.isArray(value)) return value;
  const merged: Mapping[] = [];
  for (const original of base) {
    for (const other of value) {
      if (!isMapping(original) || !isMapping(other)) continue;
      if (other['subnet'] !== original['subnet'] && !merged.some((pool) => pool['subnet'] === other['subnet'])) {
        merged.push(other);
        continue;
      }
      const pool = mergeMappings(copy(original), other, path, rules, context);
      const index = merged.findIndex((known) => known['subnet'] === pool['subnet']);
      if (index === -1) merged.push(pool);
      else merged[index] = pool;
    }
  }
  return merged;
};

function copy(map: Mapping): Mapping {
  const result = newMapping();
  for (const key of Object.keys(map)) put(result, key, map[key] as Value, originOf(map, key));
  return result;
}

export const mergeRules = compileRules<MergeRule>({
  'networks.*.ipam.config': mergeIpamConfig,
  'networks.*.labels': append,
  'volumes.*.labels': append,
  'services.*.annotations': append,
  'services.*.build': mergeBuild,
  'services.*.build.additional_contexts': append,
  'services.*.build.args': append,
  'services.*.build.extra_hosts': mergeExtraHosts,
  'services.*.build.labels': append,
  'services.*.command': replace,
  'services.*.depends_on': byName(startedDependency),
  'services.*.deploy.labels': append,
  'services.*.dns': append,
  'services.*.dns_opt': append,
  'services.*.dns_search': append,
  'services.*.entrypoint': replace,
  'services.*.env_file': append,
  'services.*.environment': append,
  'services.*.extra_hosts': mergeExtraHosts,
  'services.*.healthcheck.test': replace,
  'services.*.label_file': append,
  'services.*.labels': append,
  'services.*.logging': mergeLogging,
  'services.*.models': byName(() => null),
  'services.*.networks': byName(() => null),
  'services.*.sysctls': append,
  'services.*.tmpfs': append,
  'services.*.ulimits.*': replace,
});
