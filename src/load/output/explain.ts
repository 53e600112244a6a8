import { MydockerError } from '../../errors.ts';
import type { LoadResult } from '../load-project.ts';
import { formatPath, isMapping, originOf, type Origin, type OriginCause, type Path, type VariableUse } from '../tree.ts';
import { nearest } from '../validate/nearest.ts';
import { formatYaml } from './format-yaml.ts';

/** The value at a path of the project, then every definition that had a part in it, first to last. */
export function explainPath(path: string, result: LoadResult): string {
  const keys = splitPath(path, result);
  const value = valueAt(result.project, keys);
  if (value === undefined) throw unknownPath(path, keys, result);
  const lines = [`${formatPath(keys)} = ${formatYaml(value).trimEnd().replaceAll('\n', '\n  ')}`];
  const own = ownOrigin(result, keys);
  const parent = own === undefined ? parentOrigin(result, keys) : undefined;
  if (own !== undefined) lines.push(...chain(own).flatMap(describe));
  else if (parent !== undefined) lines.push(`  from ${describePlace(parent)}`, ...(parent.variables ?? []).map(describeVariable));
  else lines.push('  implied: no file says it');
  return `${lines.join('\n')}\n`;
}

/** A key may have dots in it, so the longest key that is there is taken. */
function splitPath(path: string, { project }: LoadResult): (string | number)[] {
  const parts = path.replaceAll(/\[(\d+)\]/g, '.$1').split('.');
  const keys: (string | number)[] = [];
  let value: unknown = project;
  while (parts.length > 0) {
    let length = 1;
    if (isMapping(value)) {
      for (let count = parts.length; count > 1; count -= 1) {
        if (parts.slice(0, count).join('.') in value) {
          length = count;
          break;
        }
      }
    }
    const key = parts.splice(0, length).join('.');
    keys.push(Array.isArray(value) ? Number(key) : key);
    value = valueAt(value, [keys.at(-1) ?? '']);
  }
  return keys;
}

function valueAt(root: unknown, path: Path): unknown {
  let value = root;
  for (const key of path) {
    if (Array.isArray(value)) value = value[Number(key)] as unknown;
    else if (isMapping(value)) value = value[key];
    else return undefined;
  }
  return value;
}

/** The origin of the value itself; a value of a list such as `environment` is found by its name. */
function ownOrigin({ model }: LoadResult, path: Path): Origin | undefined {
  const container = valueAt(model, path.slice(0, -1));
  const last = path.at(-1) ?? '';
  if (Array.isArray(container) && typeof last === 'string') {
    const index = container.findIndex((entry) => entry === last || (typeof entry === 'string' && entry.startsWith(`${last}=`)));
    return index === -1 ? undefined : originOf(container, index);
  }
  if (isMapping(container) || Array.isArray(container)) return originOf(container, last);
  return undefined;
}

/** The short form or mapping that a value was made from; a whole service or network says nothing about a key it lacks. */
function parentOrigin(result: LoadResult, path: Path): Origin | undefined {
  for (let length = path.length - 1; length > 2; length -= 1) {
    const origin = ownOrigin(result, path.slice(0, length));
    if (origin !== undefined) return origin;
  }
  return undefined;
}

function chain(origin: Origin): Origin[] {
  const origins: Origin[] = [];
  for (let current: Origin | undefined = origin; current !== undefined; current = current.previous) origins.unshift(current);
  return origins;
}

const REASONS: Readonly<Record<OriginCause, string>> = {
  override: 'overridden',
  extends: 'overridden by the service that extends it',
  include: 'included',
  'merge key': 'merged (<<)',
};

function describe(origin: Origin): string[] {
  const reason = origin.cause === undefined ? 'defined' : REASONS[origin.cause];
  return [`  ${reason} at ${describePlace(origin)}`, ...(origin.variables ?? []).map(describeVariable)];
}

function describePlace({ source, offset }: Pick<Origin, 'source' | 'offset'>): string {
  const { file, line, column } = source.position(offset);
  const text = source.text.slice(offset).split('\n', 1)[0]?.trimEnd() ?? '';
  return `${file}:${String(line)}:${String(column)}: ${text}`;
}

function describeVariable({ name, value, from }: VariableUse): string {
  if (value === undefined) return `    ${name} is not set`;
  if (from === undefined || from === 'environment') return `    ${name} = ${JSON.stringify(value)} from the environment`;
  return `    ${name} = ${JSON.stringify(value)} from ${describePlace(from)}`;
}

function unknownPath(path: string, keys: Path, { project }: LoadResult): MydockerError {
  let value: unknown = project;
  for (const [index, key] of keys.entries()) {
    const next = valueAt(value, [key]);
    if (next === undefined) {
      const near = isMapping(value) ? nearest(String(key), Object.keys(value)) : undefined;
      const hint = near === undefined ? {} : { hint: `did you mean ${formatPath([...keys.slice(0, index), near])}?` };
      return new MydockerError('not-found', `nothing at ${path}`, hint);
    }
    value = next;
  }
  return new MydockerError('not-found', `nothing at ${path}`);
}
