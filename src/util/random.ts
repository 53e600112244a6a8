/** So many random bytes, in hex. Of the global `crypto`: the module of that name takes as long to load as the rest of a small command. */
export function randomHex(bytes: number): string {
  return Buffer.from(crypto.getRandomValues(new Uint8Array(bytes))).toString('hex');
}
