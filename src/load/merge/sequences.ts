import { formatScalar } from '../format-scalar.ts';
import { isMapping, newMapping, originOf, push, put, type Mapping, type Value } from '../tree.ts';

/** `{A: 1, B: null}` and `"x"` as the list `["A=1", "B"]`, `["x"]`, so that both syntaxes can be appended. */
export function toSequence(value: Value | undefined): Value[] {
  const list: Value[] = [];
  if (Array.isArray(value)) return value;
  if (typeof value === 'string') return [value];
  if (!isMapping(value)) return list;
  for (const key of Object.keys(value).sort()) {
    const item = value[key] as Value;
    const origin = originOf(value, key);
    if (item === null) push(list, key, origin);
    else for (const part of Array.isArray(item) ? item : [item]) push(list, `${key}=${formatScalar(part)}`, origin);
  }
  return list;
}

/** A list of names as a mapping of those names to a copy of `value`. */
export function toMapping(value: Value | undefined, makeValue: () => Value): Mapping {
  if (isMapping(value)) return value;
  const map = newMapping();
  if (Array.isArray(value)) {
    value.forEach((name, index) => {
      if (typeof name === 'string') put(map, name, makeValue(), originOf(value, index));
    });
  }
  return map;
}

export function concat(first: Value[], second: Value[]): Value[] {
  const list: Value[] = [];
  for (const part of [first, second]) {
    part.forEach((item, index) => {
      push(list, item, originOf(part, index));
    });
  }
  return list;
}
