const FACTORS: Readonly<Record<string, number>> = { '': 1, k: 2 ** 10, m: 2 ** 20, g: 2 ** 30, t: 2 ** 40, p: 2 ** 50 };

/** Bytes of `64m`, `1.5g`, `512kb`, `1024`; undefined when it is no size. */
export function parseByteSize(text: string): number | undefined {
  const match = /^(-?\d+(?:\.\d+)?)\s*([kmgtp]?)(?:i?b)?$/i.exec(text.trim());
  if (match === null) return undefined;
  return Math.round(Number(match[1]) * (FACTORS[(match[2] ?? '').toLowerCase()] ?? 1));
}
