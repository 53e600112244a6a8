import { readFileSync } from 'node:fs';
import { MydockerError } from '../../../errors.ts';
import { parseByteSize } from '../../../util/byte-size.ts';
import { goDurationToMs } from '../../../util/go-duration.ts';

function wrong(flag: string, value: string, what: string): MydockerError {
  return new MydockerError('usage', `invalid value ${JSON.stringify(value)} for ${flag}: ${what}`, { exitStatus: 125 });
}

export function bytesOf(flag: string, value: string): number {
  const bytes = parseByteSize(value);
  if (bytes === undefined) throw wrong(flag, value, 'not a size such as 512m');
  return bytes;
}

export function integerOf(flag: string, value: string): number {
  if (!/^[+-]?\d+$/.test(value)) throw wrong(flag, value, 'not a whole number');
  return Number(value);
}

export function numberOf(flag: string, value: string): number {
  const number = Number(value);
  if (value.trim() === '' || !Number.isFinite(number) || number < 0) throw wrong(flag, value, 'not a number');
  return number;
}

export function millisecondsOf(flag: string, value: string): number {
  const duration = goDurationToMs(value);
  if (duration === undefined) throw wrong(flag, value, 'not a duration such as 1m30s');
  return duration;
}

export function oneOf<T extends string>(flag: string, value: string, choices: readonly T[]): T {
  const found = choices.find((choice) => choice === value);
  if (found === undefined) throw wrong(flag, value, `one of ${choices.join(', ')}`);
  return found;
}

/** `key=value` pairs; a key alone has an empty value. */
export function pairsOf(texts: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    texts.map((text) => {
      const [key = '', ...value] = text.split('=');
      return [key, value.join('=')];
    }),
  );
}

/** The lines of an env or label file: no comments, no empty ones. */
export function fileLines(flag: string, path: string): readonly string[] {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new MydockerError('invalid', `${flag} ${path} cannot be read`, { cause: error, exitStatus: 125 });
  }
  return text
    .replace(/^\uFEFF/, '')
    .split('\n')
    .map((line) => line.replace(/\r$/, '').trimStart())
    .filter((line) => line !== '' && !line.startsWith('#'));
}

/** `KEY=value`; `KEY` alone takes the value this process has, or stays as it is: without one. */
export function envEntries(texts: readonly string[], own: Readonly<Record<string, string | undefined>> = process.env): readonly string[] {
  return texts.flatMap((text) => {
    if (text.startsWith('=') || text === '') throw wrong('--env', text, 'it has no name');
    if (text.includes('=')) return [text];
    const value = own[text];
    return [value === undefined ? text : `${text}=${value}`];
  });
}

/** Later entries win; each name once, in the order of first appearance. A name without a value takes an earlier one away. */
export function mergeEnv(...lists: readonly (readonly string[])[]): readonly string[] {
  const entries = new Map<string, string>();
  for (const entry of lists.flat()) {
    if (entry.includes('=')) entries.set(entry.split('=', 1)[0] ?? entry, entry);
    else entries.delete(entry);
  }
  return [...entries.values()];
}
