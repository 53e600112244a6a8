import { InvalidArgumentError } from 'commander';
import { MydockerError } from '../../../errors.ts';

export function wholeNumber(text: string): number {
  if (!/^-?\d+$/.test(text)) throw new InvalidArgumentError(`${text} is not a whole number.`);
  return Number(text);
}

/** `SERVICE=NUM`, repeatable. */
export function scaleValue(text: string, previous: Readonly<Record<string, number>> | undefined): Readonly<Record<string, number>> {
  const [service, count] = splitScale(text);
  return { ...previous, [service]: count };
}

export function splitScale(text: string): readonly [string, number] {
  const match = /^(.+)=(\d+)$/.exec(text);
  if (match?.[1] === undefined) {
    throw new MydockerError('usage', `invalid scale specifier "${text}"`, { hint: 'write it as SERVICE=NUM' });
  }
  return [match[1], Number(match[2])];
}
