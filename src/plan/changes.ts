/** One difference between two models: where, and the two values. */
export interface Change {
  readonly path: string;
  readonly before: unknown;
  readonly after: unknown;
}

const SECRET = /pass|secret|token|credential|private|api_?key|auth/i;
const LONGEST = 60;

/** Every leaf that differs, in the order of the keys. */
export function changesBetween(path: string, before: unknown, after: unknown): readonly Change[] {
  if (before === after) return [];
  if (before === null && isMap(after)) return changesBetween(path, {}, after);
  if (after === null && isMap(before)) return changesBetween(path, before, {});
  if (isMap(before) && isMap(after)) {
    const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
    return keys.flatMap((key) => changesBetween(`${path}.${key}`, before[key], after[key]));
  }
  if (Array.isArray(before) && Array.isArray(after)) return listChanges(path, before, after);
  return [{ path, before, after }];
}

/** Lists of records are compared item by item, by what identifies an item; lists of words as a whole. */
function listChanges(path: string, before: readonly unknown[], after: readonly unknown[]): readonly Change[] {
  if (![...before, ...after].every(isMap)) {
    return JSON.stringify(before) === JSON.stringify(after) ? [] : [{ path, before, after }];
  }
  const old = keyed(before);
  const now = keyed(after);
  return [...new Set([...old.keys(), ...now.keys()])].flatMap((key) => changesBetween(`${path}[${key}]`, old.get(key), now.get(key)));
}

function keyed(items: readonly unknown[]): ReadonlyMap<string, unknown> {
  const result = new Map<string, unknown>();
  for (const [index, item] of items.entries()) {
    const target = isMap(item) ? (item['target'] ?? item['path'] ?? item['source']) : undefined;
    const name = typeof target === 'string' || typeof target === 'number' ? String(target) : String(index);
    result.set(result.has(name) ? String(index) : name, item);
  }
  return result;
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** `services.web.environment.PORT changed: "8080" -> "9090"`; values whose name smells of a secret are masked. */
function describeChange({ path, before, after }: Change): string {
  if (before === undefined) return after === null ? `${path} added` : `${path} added: ${shown(path, after)}`;
  if (after === undefined) return before === null ? `${path} removed` : `${path} removed: ${shown(path, before)}`;
  return `${path} changed: ${shown(path, before)} -> ${shown(path, after)}`;
}

/** The first changes in words, and how many more there are. */
export function describeChanges(changes: readonly Change[], most = 3): string {
  const first = changes.slice(0, most).map(describeChange);
  return changes.length > most ? `${first.join('; ')}; and ${String(changes.length - most)} more` : first.join('; ');
}

function shown(path: string, value: unknown): string {
  const last = path.slice(path.lastIndexOf('.') + 1);
  const inline = /^(?:configs|secrets)\..*\.content$/.test(path);
  if (inline || (SECRET.test(last) && typeof value === 'string')) return '"***"';
  const text = JSON.stringify(value, (key, member: unknown) => {
    if (typeof member !== 'string') return member;
    return SECRET.test(key) ? '***' : withoutPasswords(member);
  });
  return text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text;
}

/** `postgres://app:***@db` and `--password=***`: what is secret although the name of the field does not say so. */
function withoutPasswords(text: string): string {
  return text
    .replace(/(:\/\/[^\s:@/]*:)[^\s@/]+@/g, '$1***@')
    .replace(/(--?[\w-]*(?:pass|secret|token|credential|key)[\w-]*=)\S+/gi, '$1***');
}
