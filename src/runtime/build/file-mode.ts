import { MydockerError } from '../../errors.ts';

/** The new permission bits of a file that has `mode`. */
export type ModeChange = (mode: number, isFolder: boolean) => number;

const WHO: Readonly<Record<string, number>> = { u: 0o4700, g: 0o2070, o: 0o1007 };
const BITS: Readonly<Record<string, number>> = { r: 0o444, w: 0o222, x: 0o111, s: 0o6000, t: 0o1000 };

/** `--chmod=0755` or `--chmod=u=rwX,go-w`, as chmod(1) has them. Throws `invalid`. */
export function readModeChange(text: string): ModeChange {
  if (/^[0-7]{1,4}$/.test(text)) {
    const mode = parseInt(text, 8);
    return () => mode;
  }
  const changes = text.split(',').map(readClause);
  return (mode, isFolder) => changes.reduce((bits, change) => change(bits, isFolder), mode);
}

function readClause(clause: string): ModeChange {
  const [, who = '', operations = ''] = /^([ugoa]*)((?:[-+=](?:[ugo]|[rwxXst]*))+)$/.exec(clause) ?? [];
  if (operations === '') {
    throw new MydockerError('invalid', `--chmod=${clause} is neither an octal mode like 0755 nor one like u=rwX,go=rX`);
  }
  const mask = who === '' || who.includes('a') ? 0o7777 : [...who].reduce((bits, one) => bits | (WHO[one] ?? 0), 0);
  const steps = [...operations.matchAll(/([-+=])([ugo]|[rwxXst]*)/g)];
  return (mode, isFolder) => steps.reduce((bits, [, operator = '', words = '']) => step(bits, mask, operator, words, isFolder), mode);
}

function step(mode: number, mask: number, operator: string, words: string, isFolder: boolean): number {
  const bits = mask & bitsOf(words, mode, isFolder);
  if (operator === '+') return mode | bits;
  if (operator === '-') return mode & ~bits;
  // chmod(1): a folder keeps setuid and setgid unless they are named.
  return (mode & ~(isFolder ? mask & 0o1777 : mask)) | bits;
}

function bitsOf(words: string, mode: number, isFolder: boolean): number {
  const copied = { u: (mode >> 6) & 7, g: (mode >> 3) & 7, o: mode & 7 }[words];
  if (copied !== undefined) return copied * 0o111;
  return [...words].reduce((bits, word) => {
    if (word === 'X') return isFolder || (mode & 0o111) !== 0 ? bits | 0o111 : bits;
    return bits | (BITS[word] ?? 0);
  }, 0);
}
