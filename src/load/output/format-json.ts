import { byCode, entriesInOrder } from './key-order.ts';

/**
 * JSON, without any blanks or line breaks where `indent` is 0; integers beyond 2^53 keep their digits, and names that are numbers stand
 * where other names do.
 */
export function formatJson(value: unknown, indent = 2): string {
  return write(value, ' '.repeat(indent), indent === 0 ? '' : '\n');
}

function write(value: unknown, step: string, newline: string): string {
  if (typeof value === 'bigint') return String(value);
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const inner = newline + step;
  if (Array.isArray(value))
    return wrap(
      '[',
      ']',
      newline,
      value.map((item) => write(item ?? null, step, inner)),
      inner,
    );
  const entries = entriesInOrder(value as Record<string, unknown>, byCode).filter(([, item]) => item !== undefined);
  const lines = entries.map(([key, item]) => `${JSON.stringify(key)}:${step === '' ? '' : ' '}${write(item, step, inner)}`);
  return wrap('{', '}', newline, lines, inner);
}

function wrap(open: string, close: string, newline: string, items: readonly string[], inner: string): string {
  return items.length === 0 ? open + close : `${open}${inner}${items.join(`,${inner}`)}${newline}${close}`;
}
