import { MydockerError } from '../errors.ts';

/** Linux's numbers (but on MIPS and SPARC): the first is 1. */
const NAMES =
  'HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT CHLD CONT STOP TSTP TTIN TTOU URG XCPU XFSZ VTALRM PROF WINCH IO PWR SYS'.split(
    ' ',
  );
const ALIASES: Readonly<Record<string, string>> = { IOT: 'ABRT', CLD: 'CHLD', POLL: 'IO' };
const REALTIME_FIRST = 34;
const REALTIME_LAST = 64;

/** The number of a signal written as `SIGTERM`, `TERM`, `15` or `SIGRTMIN+3`. */
export function signalNumber(text: string): number {
  const number = parse(text.trim().toUpperCase());
  if (number !== undefined && number >= 1 && number <= REALTIME_LAST) return number;
  throw new MydockerError('invalid', `invalid signal ${JSON.stringify(text)}`, { hint: 'See signal(7), or kill -l, for the names.' });
}

function parse(text: string): number | undefined {
  if (/^\d+$/.test(text)) return Number(text);
  const name = text.replace(/^SIG/, '');
  const realtime = /^RT(MIN|MAX)(?:([+-])(\d+))?$/.exec(name);
  if (realtime === null) return NAMES.indexOf(ALIASES[name] ?? name) + 1;
  const offset = Number(`${realtime[2] ?? '+'}${realtime[3] ?? '0'}`);
  const number = (realtime[1] === 'MIN' ? REALTIME_FIRST : REALTIME_LAST) + offset;
  return number >= REALTIME_FIRST ? number : undefined;
}

/** `SIGTERM` for 15; the number itself where there is no name. */
export function signalName(number: number): string {
  const name = NAMES[number - 1];
  return name === undefined ? String(number) : `SIG${name}`;
}
