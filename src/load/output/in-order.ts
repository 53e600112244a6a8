/** The entries of a record in the order of `keys`; others, such as extensions, at the end as they are. */
export function inOrder<T extends object>(keys: readonly string[], record: T): T {
  const place = (key: string): number => (keys.includes(key) ? keys.indexOf(key) : keys.length);
  return Object.fromEntries(Object.entries(record).sort(([a], [b]) => place(a) - place(b))) as T;
}
