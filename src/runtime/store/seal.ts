import { sum64 } from '../../util/sum64.ts';

/** Shapes that are sealed, each with its version: it changes with the shape, so that an older record is looked into. */
export const SEALS = { container: 'container 1', state: 'state 1', network: 'network 1', volume: 'volume 1' } as const;

/**
 * A seal at the end of a record says that it is byte for byte what this program wrote, for this shape: reading many
 * records then costs a sum each in place of looking at every field. It tells an edited or torn record from a whole one; it
 * is no signature. `kind` names the shape and its version.
 */
export function sealed(json: string, kind: string): string {
  const body = json.trimEnd().replace(/\n?\}$/, '');
  return `${body},\n "seal": "${sum64(`${kind}\n${body}`)}"\n}\n`;
}

/** The record without its seal, when it is intact; undefined when it has none or was changed. */
export function unsealed(text: string, kind: string): string | undefined {
  const match = /,\n "seal": "([0-9a-f]{16})"\n\}\n$/.exec(text.slice(-60));
  if (match === null) return undefined;
  const body = text.slice(0, text.length - match[0].length);
  return sum64(`${kind}\n${body}`) === match[1] ? `${body}}` : undefined;
}
