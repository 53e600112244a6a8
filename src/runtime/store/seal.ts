import { createHash } from 'node:crypto';

/**
 * A seal at the end of a record says that it is byte for byte what this program wrote, for this shape: reading many
 * records then costs a hash each in place of looking at every field. `kind` names the shape and its version.
 */
export function sealed(json: string, kind: string): string {
  const body = json.trimEnd().replace(/\n?\}$/, '');
  return `${body},\n "seal": "${hashOf(body, kind)}"\n}\n`;
}

/** The record without its seal, when it is intact; undefined when it has none or was changed. */
export function unsealed(text: string, kind: string): string | undefined {
  const match = /,\n "seal": "([0-9a-f]{64})"\n\}\n$/.exec(text.slice(-90));
  if (match === null) return undefined;
  const body = text.slice(0, text.length - match[0].length);
  return hashOf(body, kind) === match[1] ? `${body}}` : undefined;
}

function hashOf(body: string, kind: string): string {
  return createHash('sha256').update(`${kind}\n`).update(body).digest('hex');
}
