/** `key=value` strings in order; a key may come several times. */
export type Fields = readonly (readonly [key: string, value: string])[];

/** A request as the core and `control.sock` read it: little-endian length, then NUL-terminated strings. */
export function encodeRequest(id: string, op: string, fields: Fields): Buffer {
  let text = `${id}\0${op}\0`;
  for (const [key, value] of fields) {
    if (value.includes('\0') || key.includes('\0')) throw new TypeError(`a NUL byte in ${key}`);
    text += `${key}=${value}\0`;
  }
  const length = Buffer.byteLength(text);
  const frame = Buffer.allocUnsafe(4 + length);
  frame.writeUInt32LE(length, 0);
  frame.write(text, 4);
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
