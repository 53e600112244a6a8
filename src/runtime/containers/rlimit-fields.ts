import type { ProcessSpec } from '../../model/container.ts';
import type { Fields } from '../core/frame.ts';

/** setrlimit(2): `NAME SOFT HARD` each; below 0 is without a limit. */
export function rlimitFields(ulimits: ProcessSpec['ulimits']): Fields {
  return ulimits.map(({ name, soft, hard }) => ['rlimit', `${name.toUpperCase()} ${limitText(soft)} ${limitText(hard)}`] as const);
}

function limitText(limit: number): string {
  return limit < 0 ? 'unlimited' : String(limit);
}
