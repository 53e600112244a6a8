/** SHA-256 of a text, in hex. Loads `node:crypto` when it is called: that takes as long as the rest of a small command. */
export function sha256(text: string): string {
  return process.getBuiltinModule('node:crypto').createHash('sha256').update(text).digest('hex');
}
