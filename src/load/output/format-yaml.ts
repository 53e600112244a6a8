import { entriesInOrder, natural } from './key-order.ts';
import { formatScalar } from '../format-scalar.ts';
import { resolvePlainScalar } from '../yaml/resolve-scalar.ts';
import type { Value } from '../tree.ts';

/** YAML as `docker compose config` writes it: two spaces, lists indented, quotes only where they are needed. */
export function formatYaml(value: unknown): string {
  const lines: string[] = [];
  if (isObject(value) && Object.keys(value).length > 0) writeMapping(value, '', lines);
  else if (Array.isArray(value) && value.length > 0) writeList(value, '', lines);
  else lines.push(inline(value, ''));
  return `${lines.join('\n')}\n`;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function writeMapping(map: Record<string, unknown>, indent: string, lines: string[]): void {
  for (const [key, value] of entriesInOrder(map, natural)) {
    if (value === undefined) continue;
    writeEntry(`${indent}${quoteIfNeeded(key)}:`, value, indent, lines);
  }
}

function writeEntry(head: string, value: unknown, indent: string, lines: string[]): void {
  if (isObject(value) && Object.keys(value).length > 0) {
    lines.push(head);
    writeMapping(value, `${indent}  `, lines);
  } else if (Array.isArray(value) && value.length > 0) {
    lines.push(head);
    writeList(value, `${indent}  `, lines);
  } else lines.push(`${head} ${inline(value, indent)}`);
}

function writeList(list: readonly unknown[], indent: string, lines: string[]): void {
  for (const item of list) {
    const nested: string[] = [];
    if (isObject(item) && Object.keys(item).length > 0) writeMapping(item, `${indent}  `, nested);
    else if (Array.isArray(item) && item.length > 0) writeList(item, `${indent}  `, nested);
    else nested.push(`${indent}  ${inline(item, indent)}`);
    nested[0] = `${indent}- ${(nested[0] ?? '').slice(indent.length + 2)}`;
    for (const line of nested) lines.push(line);
  }
}

function inline(value: unknown, indent: string): string {
  if (value === null || value === undefined) return 'null';
  if (Array.isArray(value)) return '[]';
  if (isObject(value)) return '{}';
  if (typeof value === 'number' && !Number.isFinite(value)) return Number.isNaN(value) ? '.nan' : value > 0 ? '.inf' : '-.inf';
  if (typeof value !== 'string') return formatScalar(value as Value);
  return isBlockText(value) ? blockText(value, indent) : quoteIfNeeded(value);
}

/** Several lines that a literal block can hold as they are. */
function isBlockText(text: string): boolean {
  return text.includes('\n') && !/ (\n|$)/.test(text) && isPrintable(text);
}

function blockText(text: string, indent: string): string {
  const body = text.replace(/\n+$/, '');
  const trailing = text.length - body.length;
  const chomp = trailing === 0 ? '-' : trailing === 1 && body !== '' ? '' : '+';
  const lines = [...body.split('\n'), ...Array<string>(Math.max(0, trailing - 1)).fill('')];
  // Where the text begins with a space or a line break, how far it is indented has to be said.
  return `|${/^[ \n]/.test(text) ? '2' : ''}${chomp}\n${lines.map((line) => (line === '' ? '' : `${indent}  ${line}`)).join('\n')}`;
}

function isPrintable(text: string): boolean {
  // eslint-disable-next-line no-control-regex
  return !/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029\ufeff\ud800-\udfff]/.test(text);
}

const ESCAPES: Readonly<Record<string, string>> = {
  '\0': '\\0',
  '\x07': '\\a',
  '\b': '\\b',
  '\t': '\\t',
  '\n': '\\n',
  '\v': '\\v',
  '\f': '\\f',
  '\r': '\\r',
  '\x1b': '\\e',
  '"': '\\"',
  '\\': '\\\\',
  '\x85': '\\N',
  '\u2028': '\\L',
  '\u2029': '\\P',
};

function doubleQuoted(text: string): string {
  // eslint-disable-next-line no-control-regex
  const escaped = text.replace(/["\\\0-\x1f\x7f-\x9f\u2028\u2029\ufeff]|\p{Surrogate}/gu, (character) => {
    const digits = character.charCodeAt(0).toString(16).toUpperCase();
    return ESCAPES[character] ?? (digits.length > 2 ? `\\u${digits.padStart(4, '0')}` : `\\x${digits.padStart(2, '0')}`);
  });
  return `"${escaped}"`;
}

const OLD_BOOLEAN = /^(y|n|yes|no|on|off)$/i;
const TIMESTAMP = /^\d{4}-\d{1,2}-\d{1,2}([Tt ]\d{1,2}:\d{1,2}:\d{1,2}(\.\d+)?(Z|[-+]\d{2}:\d{2})?)?$/;
const INDICATOR = /^[-?:,[\]{}#&*!|>'"%@`\s]/;

function quoteIfNeeded(text: string): string {
  if (text === '') return '""';
  if (/[\n\t]/.test(text) || !isPrintable(text)) return doubleQuoted(text);
  if (typeof resolvePlainScalar(text) !== 'string' || OLD_BOOLEAN.test(text) || text === '<<' || text === '=') return `"${text}"`;
  if (TIMESTAMP.test(text) || /^[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?$/.test(text)) return `"${text}"`;
  const marker = text === '---' || text === '...';
  const plain = !marker && (!INDICATOR.test(text) || /^[-?:][^\s,[\]{}]/.test(text));
  if (plain && !text.includes(': ') && !text.includes(' #') && !text.endsWith(':') && !/\s$/.test(text)) return text;
  return `'${text.replaceAll("'", "''")}'`;
}
