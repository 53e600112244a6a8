import type { Problems } from '../problems.ts';
import { compileRules, ruleChild, type RuleNode } from '../rules.ts';
import { isMapping, originOf, push, setOrigin, type Mapping, type Path, type Value } from '../tree.ts';
import { formatScalar } from '../format-scalar.ts';
import { supersede } from './merge-mappings.ts';
import { parseVolume } from '../canonical/short-volume.ts';

/** What makes two entries of a list the same; undefined: nothing does. */
type Identity = (entry: Value) => string | undefined;

const beforeEquals: Identity = (entry) => (typeof entry === 'string' ? (entry.split('=', 1)[0] ?? '') : undefined);
const text: Identity = (entry) => (isMapping(entry) ? undefined : formatScalar(entry));

const mountTarget: Identity = (entry) => {
  if (typeof entry === 'string') return parseVolume(entry).volume?.target;
  return isMapping(entry) ? textOf(entry['target']) : undefined;
};

const deviceTarget: Identity = (entry) => {
  if (typeof entry === 'string') return entry.split(':')[1] ?? entry;
  return isMapping(entry) ? textOf(entry['target'] ?? entry['source']) : undefined;
};

const envFilePath: Identity = (entry) => (isMapping(entry) ? textOf(entry['path']) : textOf(entry));

const port: Identity = (entry) => {
  if (!isMapping(entry)) return formatScalar(entry);
  const { target, published, host_ip: host, protocol } = entry;
  return `${formatScalar(host ?? '0.0.0.0')}:${formatScalar(published)}:${formatScalar(target)}/${formatScalar(protocol ?? 'tcp')}`;
};

const fileTarget =
  (directory: string): Identity =>
  (entry) => {
    if (typeof entry === 'string') return `${directory}/${entry}`;
    if (!isMapping(entry)) return undefined;
    return textOf(entry['target']) ?? `${directory}/${formatScalar(entry['source'])}`;
  };

function textOf(value: Value | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

export const identities = compileRules<Identity>({
  'networks.*.labels': beforeEquals,
  'networks.*.ipam.options': beforeEquals,
  'services.*.annotations': beforeEquals,
  'services.*.build.additional_contexts': beforeEquals,
  'services.*.build.args': beforeEquals,
  'services.*.build.labels': beforeEquals,
  'services.*.build.tags': beforeEquals,
  'services.*.cap_add': beforeEquals,
  'services.*.cap_drop': beforeEquals,
  'services.*.configs': fileTarget(''),
  'services.*.deploy.labels': beforeEquals,
  'services.*.devices': deviceTarget,
  'services.*.dns': beforeEquals,
  'services.*.dns_opt': beforeEquals,
  'services.*.dns_search': beforeEquals,
  'services.*.env_file': envFilePath,
  'services.*.environment': beforeEquals,
  'services.*.expose': text,
  'services.*.labels': beforeEquals,
  'services.*.links': beforeEquals,
  'services.*.networks.*.aliases': beforeEquals,
  'services.*.networks.*.link_local_ips': beforeEquals,
  'services.*.ports': port,
  'services.*.profiles': beforeEquals,
  'services.*.secrets': fileTarget('/run/secrets'),
  'services.*.sysctls': beforeEquals,
  'services.*.tmpfs': beforeEquals,
  'services.*.volumes': mountTarget,
});

/** Where a list has one entry per target, name or path, the last definition takes the place of the first. In place. */
export function enforceUnique(root: Mapping, problems: Problems): void {
  visit(root, [], identities, problems);
}

function visit(map: Mapping, path: Path, rules: RuleNode<Identity>, problems: Problems): void {
  for (const key of Object.keys(map)) {
    const rule = ruleChild(rules, key);
    if (rule === undefined) continue;
    const value = map[key] as Value;
    if (isMapping(value)) visit(value, [...path, key], rule, problems);
    else if (Array.isArray(value) && rule.rule !== undefined && value.length > 1) map[key] = deduplicate(value, rule.rule);
  }
}

function deduplicate(list: Value[], identify: Identity): Value[] {
  const seen = new Map<string, number>();
  const kept: Value[] = [];
  list.forEach((entry, index) => {
    const identity = identify(entry);
    const known = identity === undefined ? undefined : seen.get(identity);
    if (known !== undefined) {
      kept[known] = entry;
      setOrigin(kept, known, supersede(originOf(kept, known), originOf(list, index), 'override'));
      return;
    }
    push(kept, entry, originOf(list, index));
    if (identity !== undefined) seen.set(identity, kept.length - 1);
  });
  return kept;
}
