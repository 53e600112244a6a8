/**
 * A seal at the end of a record says that it is byte for byte what this program wrote, for this shape: reading many
 * records then costs a sum each in place of looking at every field. It tells an edited or torn record from a whole one; it
 * is no signature. `kind` names the shape and its version.
 */
export function sealed(json: string, kind: string): string {
  const body = json.trimEnd().replace(/\n?\}$/, '');
  return `${body},\n "seal": "${sumOf(body, kind)}"\n}\n`;
}

/** The record without its seal, when it is intact; undefined when it has none or was changed. */
export function unsealed(text: string, kind: string): string | undefined {
  const match = /,\n "seal": "([0-9a-f]{16})"\n\}\n$/.exec(text.slice(-60));
  if (match === null) return undefined;
  const body = text.slice(0, text.length - match[0].length);
  return sumOf(body, kind) === match[1] ? `${body}}` : undefined;
}

/**
 * 64 bits of two sums over words of four bytes. Each step maps a sum to another one to one, so that two texts that differ in one
 * word differ in both sums. (SHA-256 is as fast, but `node:crypto` takes as long to load as a hundred of these.)
 */
function sumOf(body: string, kind: string): string {
  const text = `${kind}\n${body}`;
  const bytes = new TextEncoder().encode(text + '\0'.repeat(3));
  const words = new Uint32Array(bytes.buffer, 0, bytes.length >>> 2);
  let one = bytes.length;
  let two = 0x9e3779b9;
  for (const word of words) {
    one = Math.imul(one ^ word, 0x85ebca6b);
    one ^= one >>> 15;
    two = Math.imul(two, 31) + Math.imul(word, 0xc2b2ae35);
    two = (two << 13) | (two >>> 19);
  }
  return [one, two].map((sum) => (sum >>> 0).toString(16).padStart(8, '0')).join('');
}
