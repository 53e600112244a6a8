import { MydockerError } from '../errors.ts';
import { signalNumber } from '../util/signals.ts';

/** The number of a signal written as `SIGTERM`, `TERM`, `15` or `SIGRTMIN+3`; throws `invalid`. */
export function checkedSignal(text: string): number {
  const number = signalNumber(text.trim());
  if (number !== undefined) return number;
  throw new MydockerError('invalid', `invalid signal ${JSON.stringify(text)}`, { hint: 'See signal(7), or kill -l, for the names.' });
}
