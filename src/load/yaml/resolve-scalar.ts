import type { Value } from '../tree.ts';

/** Beyond 64 bits a number is a float. */
const MAX_INTEGER = 2n ** 64n - 1n;
const INTEGER = /^[-+]?(?:0[bB][01_]+|0[oO]?[0-7_]+|0[xX][0-9a-fA-F_]+|[1-9][0-9_]*|0)$/;
const FLOAT = /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/;

/**
 * The core schema of YAML 1.2, with the one leniency that Compose files rely on: a leading zero makes an octal number
 * (`mode: 0440`), and `_` may separate digits.
 */
export function resolvePlainScalar(text: string): Value {
  switch (text) {
    case '':
    case '~':
    case 'null':
    case 'Null':
    case 'NULL':
      return null;
    case 'true':
    case 'True':
    case 'TRUE':
      return true;
    case 'false':
    case 'False':
    case 'FALSE':
      return false;
  }
  const first = text.charCodeAt(0);
  // Digits, sign, dot: everything else is text, which is by far the most common case.
  if (!((first >= 48 && first <= 57) || first === 43 || first === 45 || first === 46)) return text;
  return resolveInteger(text) ?? resolveFloat(text) ?? text;
}

export function resolveInteger(text: string): number | bigint | undefined {
  if (!INTEGER.test(text)) return undefined;
  const negative = text.startsWith('-');
  let digits = text.replace(/^[-+]/, '').replaceAll('_', '').toLowerCase();
  if (/^0[0-7]+$/.test(digits)) digits = `0o${digits.slice(1)}`;
  const small = Number(digits);
  if (Number.isSafeInteger(small)) return negative && small !== 0 ? -small : small;
  const big = BigInt(digits);
  if (big > MAX_INTEGER) return negative ? -small : small;
  return negative ? -big : big;
}

export function resolveFloat(text: string): number | undefined {
  if (FLOAT.test(text)) {
    const value = Number(text);
    return Number.isFinite(value) ? value : undefined;
  }
  switch (text.toLowerCase()) {
    case '.inf':
    case '+.inf':
      return Infinity;
    case '-.inf':
      return -Infinity;
    case '.nan':
      return NaN;
    default:
      return undefined;
  }
}
