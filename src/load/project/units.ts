const NANOSECONDS: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1e3,
  '\u00b5s': 1e3,
  '\u03bcs': 1e3,
  ms: 1e6,
  s: 1e9,
  m: 60e9,
  h: 3600e9,
  d: 24 * 3600e9,
  w: 7 * 24 * 3600e9,
};

/** What 64 bits do not hold: 292 years of nanoseconds, 8 EiB. */
const TOO_MUCH = 2 ** 63;

/** `1m30s`, `1.5h`, `2d` to nanoseconds; undefined when it is no duration. */
export function parseDuration(text: string): number | undefined {
  const sign = text.startsWith('-') ? -1 : 1;
  const rest = text.replace(/^[-+]/, '');
  if (rest === '0') return 0;
  if (!/^((\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h|d|w))+$/.test(rest)) return undefined;
  let total = 0;
  for (const [, amount, unit] of rest.matchAll(/(\d+\.?\d*|\.\d+)([a-zµμ]+)/g)) {
    total += Math.round(Number(amount) * (NANOSECONDS[unit ?? ''] ?? 0));
  }
  return total >= TOO_MUCH ? undefined : sign * total;
}

/** As Go prints it: `1m30s`, `2h0m0s`, `1.5ms`, `0s`. */
export function formatDuration(nanoseconds: number): string {
  if (nanoseconds === 0) return '0s';
  const sign = nanoseconds < 0 ? '-' : '';
  const all = Math.abs(nanoseconds);
  if (all < 1e3) return `${sign}${String(all)}ns`;
  if (all < 1e6) return `${sign}${fraction(all, 1e3)}µs`;
  if (all < 1e9) return `${sign}${fraction(all, 1e6)}ms`;
  const hours = Math.floor(all / 3600e9);
  const minutes = Math.floor((all % 3600e9) / 60e9);
  const seconds = fraction(all % 60e9, 1e9);
  const lead = hours > 0 ? `${String(hours)}h${String(minutes)}m` : minutes > 0 ? `${String(minutes)}m` : '';
  return `${sign}${lead}${seconds}s`;
}

function fraction(amount: number, unit: number): string {
  const whole = Math.floor(amount / unit);
  const rest = String(Math.round(amount % unit))
    .padStart(String(unit).length - 1, '0')
    .replace(/0+$/, '');
  return rest === '' ? String(whole) : `${String(whole)}.${rest}`;
}

const SIZES = 'bkmgtp';

/** `64m`, `1.5 GiB`, `1024` to bytes, by powers of 1024; undefined when it is no size. */
export function parseSize(text: string): number | undefined {
  const match = /^((?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?) ?([kmgtp]?)(i?b)?$/i.exec(text);
  if (match === null) return undefined;
  const [, amount, unit = ''] = match;
  const bytes = Math.trunc(Number(amount) * 1024 ** Math.max(0, SIZES.indexOf(unit.toLowerCase() || 'b')));
  return bytes >= TOO_MUCH ? undefined : bytes;
}
