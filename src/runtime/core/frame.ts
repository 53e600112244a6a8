/** `key=value` strings in order; a key may come several times. */
export type Fields = readonly (readonly [key: string, value: string])[];

/** A request as the core and `control.sock` read it: little-endian length, then NUL-terminated strings. */
export function encodeRequest(id: string, op: string, fields: Fields): Buffer {
  // The first four bytes are the length's place.
  let text = `\0\0\0\0${id}\0${op}\0`;
  for (const [key, value] of fields) {
    if (value.includes('\0') || key.includes('\0')) throw new TypeError(`a NUL byte in ${key}`);
    text += `${key}=${value}\0`;
  }
  const frame = Buffer.from(text);
  frame.writeUInt32LE(frame.length - 4, 0);
  return frame;
}

/** Cuts a byte stream into lines; keeps what has no newline yet. */
export class LineSplitter {
  #rest = '';
  readonly #decoder = new TextDecoder();

  push(chunk: Uint8Array): string[] {
    const lines = (this.#rest + this.#decoder.decode(chunk, { stream: true })).split('\n');
    this.#rest = lines.pop() ?? '';
    return lines;
  }
}
