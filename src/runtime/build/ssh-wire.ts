/** Reads what RFC 4251 calls strings, uint32 and mpint, one after the other. Throws RangeError past the end. */
export class WireReader {
  #at = 0;

  constructor(private readonly bytes: Buffer) {}

  bytesOf(length: number): Buffer {
    if (this.#at + length > this.bytes.length) throw new RangeError('the data end too early');
    const part = this.bytes.subarray(this.#at, this.#at + length);
    this.#at += length;
    return part;
  }
  uint32(): number {
    return this.bytesOf(4).readUInt32BE();
  }
  string(): Buffer {
    return this.bytesOf(this.uint32());
  }
  text(): string {
    return this.string().toString();
  }
  /** Without the byte that keeps it from being negative. */
  mpint(): Buffer {
    const bytes = this.string();
    return bytes[0] === 0 ? bytes.subarray(1) : bytes;
  }
}

export function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

export function wireString(value: Uint8Array | string): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([uint32(bytes.length), bytes]);
}

/** An unsigned number, most significant byte first. */
export function wireMpint(value: Uint8Array): Buffer {
  let start = 0;
  while (start < value.length - 1 && value[start] === 0) start++;
  const bytes = Buffer.from(value.subarray(start));
  return wireString((bytes[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.of(0), bytes]) : bytes);
}
