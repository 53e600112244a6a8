import { MydockerError } from '../../errors.ts';

/** `KEY=VALUE` of a flag that may come several times; without `=` the value is empty. */
export function keyValues(flag: string, items: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    items.map((item) => {
      const at = item.indexOf('=');
      const key = at < 0 ? item : item.slice(0, at);
      if (key === '') throw new MydockerError('usage', `${flag} ${JSON.stringify(item)}: write KEY=VALUE`);
      return [key, at < 0 ? '' : item.slice(at + 1)];
    }),
  );
}
