import type { Problems } from '../problems.ts';
import { ruleChild } from '../rules.ts';
import type { Mapping } from '../tree.ts';
import { mergeMappings } from './merge-mappings.ts';
import { mergeRules } from './merge-rules.ts';

/** Merges `override` over `base`, in place, by the specification's rule for every attribute. */
export function mergeModels(base: Mapping, override: Mapping, problems: Problems): Mapping {
  return mergeMappings(base, override, [], mergeRules, { cause: 'override', problems, origin: undefined });
}

export function mergeServices(name: string, base: Mapping, service: Mapping, problems: Problems): Mapping {
  const rules = ruleChild(ruleChild(mergeRules, 'services'), name);
  return mergeMappings(base, service, ['services', name], rules, { cause: 'extends', problems, origin: undefined });
}
