import type { Source } from './source.ts';

/** A YAML value after aliases and merge keys are resolved. Integers beyond 2^53 are bigint. */
export type Value = null | boolean | number | bigint | string | Value[] | Mapping;
export interface Mapping {
  [key: string]: Value;
}
export type Path = readonly (string | number)[];

/** Where a value was written, and what it replaced. */
export interface Origin {
  readonly source: Source;
  readonly offset: number;
  /** Offset of the key, where there is one. */
  readonly keyOffset?: number;
  /** Why this definition is in force and not `previous`. */
  readonly cause?: OriginCause;
  readonly previous?: Origin;
  /** Variables that interpolation put into the value. */
  readonly variables?: readonly VariableUse[];
}
export type OriginCause = 'override' | 'extends' | 'include' | 'merge key';
export interface VariableUse {
  readonly name: string;
  readonly value: string | undefined;
  readonly from: VariableOrigin | undefined;
}
/** Where a variable got its value: the process, or a line of an env file. */
export type VariableOrigin = 'environment' | { readonly source: Source; readonly offset: number };

/*
 * Origins live beside the values, so that plain code that walks the values (the schema too, which looks even at symbols)
 * does not see them. A value made from a short form has none of its own; `originAt` then gives its parent's.
 */
type OriginTable = Record<string | number, Origin>;
const origins = new WeakMap<Mapping | Value[], OriginTable>();

export function isMapping(value: unknown): value is Mapping {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** An object without prototype, so that no key is special. */
export function newMapping(): Mapping {
  return Object.create(null) as Mapping;
}

export function originOf(container: Mapping | Value[], key: string | number): Origin | undefined {
  return origins.get(container)?.[key];
}

export function setOrigin(container: Mapping | Value[], key: string | number, origin: Origin | undefined): void {
  if (origin === undefined) return;
  let table = origins.get(container);
  if (table === undefined) {
    table = Object.create(null) as OriginTable;
    origins.set(container, table);
  }
  table[key] = origin;
}

export function put(target: Mapping, key: string, value: Value, origin: Origin | undefined): void {
  target[key] = value;
  setOrigin(target, key, origin);
}

export function push(target: Value[], value: Value, origin: Origin | undefined): void {
  target.push(value);
  setOrigin(target, target.length - 1, origin);
}

/** The origin of the value at `path`, or of its nearest ancestor that has one. */
export function originAt(root: Value | undefined, path: Path): Origin | undefined {
  let found: Origin | undefined;
  let value = root;
  for (const key of path) {
    if (typeof value !== 'object' || value === null) break;
    found = originOf(value, key) ?? found;
    value = Array.isArray(value) ? value[Number(key)] : value[key];
  }
  return found;
}

export function cloneTree<T extends Value>(value: T): T {
  if (Array.isArray(value)) {
    const copy: Value[] = [];
    value.forEach((item, index) => {
      push(copy, cloneTree(item), originOf(value, index));
    });
    return copy as T;
  }
  if (isMapping(value)) {
    const copy = newMapping();
    for (const key of Object.keys(value)) put(copy, key, cloneTree(value[key] as Value), originOf(value, key));
    return copy as T;
  }
  return value;
}

/** `services.web.ports[0]`. */
export function formatPath(path: Path): string {
  let text = '';
  for (const key of path) text += typeof key === 'number' ? `[${String(key)}]` : text === '' ? key : `.${key}`;
  return text;
}
