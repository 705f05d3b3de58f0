/** Protocol buffers' wire format, read. Throws SyntaxError for bytes that are none. */
export class ProtoReader {
  readonly #bytes: Buffer;
  #at: number;
  readonly #end: number;

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#at = 0;
    this.#end = bytes.byteLength;
  }

  get atEnd(): boolean {
    return this.#at >= this.#end;
  }

  /** Number of the next field and how its value is written. */
  tag(): { readonly field: number; readonly wireType: number } {
    const tag = this.#count();
    const field = Math.floor(tag / 8);
    if (field < 1 || field > maxFieldNumber) throw new SyntaxError(`field number ${field} is out of range`);
    return { field, wireType: tag % 8 };
  }

  /** As int32 and int64 are written; a bigint where a number would not keep it. */
  integer(): number | bigint {
    let value = 0;
    for (let scale = 1; scale <= lastNumberScale; scale *= 0x80) {
      const byte = this.#byte();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
    let wide = BigInt(value);
    for (let shift = 28n; shift < 70n; shift += 7n) {
      const byte = this.#byte();
      wide |= BigInt(byte & 0x7f) << shift;
      if (byte >= 0x80) continue;
      const signed = BigInt.asIntN(64, wide);
      const number = Number(signed);
      return Number.isSafeInteger(number) ? number : signed;
    }
    throw new SyntaxError("an integer is longer than ten bytes");
  }

  /** A tag or a length, which fit a number or are out of bounds. */
  #count(): number {
    const value = Number(this.integer());
    if (value < 0) throw new SyntaxError("a length is out of range");
    return value;
  }

  double(): number {
    const at = this.#advance(8);
    return this.#bytes.readDoubleLE(at);
  }

  /** The content of a length-delimited field; shares memory with what is read. */
  bytes(): Buffer {
    const size = this.#count();
    const at = this.#advance(size);
    return this.#bytes.subarray(at, at + size);
  }

  string(): string {
    const bytes = this.bytes();
    const text = bytes.toString();
    // The replacement character is what bytes that are no UTF-8 become.
    if (text.includes("\ufffd") && !Buffer.from(text).equals(bytes)) throw new SyntaxError("a string is not UTF-8");
    return text;
  }

  skip(wireType: number): void {
    if (wireType === 0) this.integer();
    else if (wireType === 1) this.#advance(8);
    else if (wireType === 2) this.bytes();
    else if (wireType === 5) this.#advance(4);
    else throw new SyntaxError(`wire type ${wireType} is not known`);
  }

  #byte(): number {
    const at = this.#advance(1);
    return this.#bytes[at] ?? 0;
  }

  /** Where the next bytes are that many of. */
  #advance(size: number): number {
    const at = this.#at;
    if (size > this.#end - at) throw new SyntaxError("the message ends too early");
    this.#at = at + size;
    return at;
  }
}

/** Four bytes of seven bits: what a number takes without losing any. */
const lastNumberScale = 0x80 ** 3;
const maxFieldNumber = 2 ** 29 - 1;
