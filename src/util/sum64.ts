/**
 * 64 bits that tell two texts apart, in hex: two sums over words of four bytes. Each step maps a sum to another one to one, so
 * that texts that differ in one word differ in both. It is no signature. (SHA-256 is as fast, but `node:crypto` takes as long
 * to load as a hundred of these take for a container's record.)
 */
export function sum64(text: string): string {
  const bytes = new TextEncoder().encode(text + '\0'.repeat(3));
  const words = new Uint32Array(bytes.buffer, 0, bytes.length >>> 2);
  let one = bytes.length;
  let two = 0x9e3779b9 | 0;
  // An iterator takes thrice as long while nothing is compiled yet.
  for (let index = 0, count = words.length; index < count; index++) {
    const word = words[index] ?? 0;
    one = Math.imul(one ^ word, 0x85ebca6b);
    one ^= one >>> 15;
    two = (Math.imul(two, 31) + Math.imul(word, 0xc2b2ae35)) | 0;
    two = (two << 13) | (two >>> 19);
  }
  return [one, two].map((sum) => (sum >>> 0).toString(16).padStart(8, '0')).join('');
}
