import type { Problems } from '../problems.ts';
import { ruleChild, type RuleNode } from '../rules.ts';
import { isMapping, originOf, put, type Mapping, type Origin, type OriginCause, type Path, type Value } from '../tree.ts';
import { concat } from './sequences.ts';

export type MergeRule = (base: Value, value: Value, path: Path, rules: RuleNode<MergeRule>, context: MergeContext) => Value;

export interface MergeContext {
  readonly cause: OriginCause;
  readonly problems: Problems;
  /** Where `path` of the override is written. */
  readonly origin: Origin | undefined;
}

export function mergeMappings(
  base: Mapping,
  override: Mapping,
  path: Path,
  rules: RuleNode<MergeRule> | undefined,
  context: MergeContext,
): Mapping {
  for (const key of Object.keys(override)) {
    const value = override[key] as Value;
    const origin = originOf(override, key);
    if (!(key in base)) {
      put(base, key, value, origin);
      continue;
    }
    const rule = ruleChild(rules, key);
    const nested = { ...context, origin: origin ?? context.origin };
    const merged = mergeValues(base[key] as Value, value, [...path, key], rule, nested);
    put(base, key, merged, supersede(originOf(base, key), origin, context.cause));
  }
  return base;
}

function mergeValues(base: Value, value: Value, path: Path, rules: RuleNode<MergeRule> | undefined, context: MergeContext): Value {
  if (rules?.rule !== undefined) return rules.rule(base, value, path, rules, context);
  // A key without a value says nothing.
  if (value === null) return base;
  if (isMapping(base)) {
    if (isMapping(value)) return mergeMappings(base, value, path, rules, context);
    return refuse(base, value, path, context);
  }
  if (Array.isArray(base)) {
    if (Array.isArray(value)) return concat(base, value);
    return refuse(base, value, path, context);
  }
  return value;
}

function refuse(base: Value, value: Value, path: Path, { problems, origin }: MergeContext): Value {
  const kind = Array.isArray(base) ? 'a list' : 'a mapping';
  const other = Array.isArray(value) ? 'a list' : isMapping(value) ? 'a mapping' : 'a scalar';
  problems.add(`cannot override ${kind} with ${other}`, {
    path,
    position: origin?.source.position(origin.offset),
    hint: 'use !reset or !override to replace it',
  });
  return base;
}

export function supersede(previous: Origin | undefined, origin: Origin | undefined, cause: OriginCause): Origin | undefined {
  if (previous === undefined || origin === undefined) return origin ?? previous;
  return { ...origin, cause, previous };
}
