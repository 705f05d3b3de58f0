/**
 * Protocol buffers' wire format, written from the end to the beginning: what a length-delimited field holds is written
 * before its length, so nothing is measured first or moved later. Fields are therefore to be written in reverse.
 * https://protobuf.dev/programming-guides/encoding/
 */
export class ProtoWriter {
  #buffer = Buffer.allocUnsafeSlow(initialBytes);
  /** Everything from here on is written. */
  #start = initialBytes;

  /** Bytes written so far. */
  get length(): number {
    return this.#buffer.length - this.#start;
  }

  /** A copy of what was written; the writer is empty again. */
  finish(): Uint8Array {
    const written = new Uint8Array(this.#buffer.subarray(this.#start));
    this.#start = this.#buffer.length;
    return written;
  }

  /** A length-delimited field that holds whatever `write` writes. */
  message(field: number, write: () => void): void {
    const before = this.length;
    write();
    this.close(field, before);
  }

  /** Makes everything written since the length was `before` the content of a length-delimited field. */
  close(field: number, before: number): void {
    this.#varint(this.length - before);
    this.#tag(field, 2);
  }

  string(field: number, text: string): void {
    const size = Buffer.byteLength(text);
    this.#reserve(size);
    this.#start -= size;
    this.#buffer.write(text, this.#start);
    this.#varint(size);
    this.#tag(field, 2);
  }

  bytes(field: number, bytes: Uint8Array): void {
    this.raw(bytes);
    this.#varint(bytes.length);
    this.#tag(field, 2);
  }

  /** The beginning of a length-delimited field whose content follows elsewhere. */
  head(field: number, size: number): void {
    this.#varint(size);
    this.#tag(field, 2);
  }

  /** Bytes that are fields already. */
  raw(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#start -= bytes.length;
    this.#buffer.set(bytes, this.#start);
  }

  /** An integer; a negative one takes ten bytes, as int32 and int64 do. */
  integer(field: number, value: number | bigint): void {
    this.#varint(value);
    this.#tag(field, 0);
  }

  boolean(field: number, value: boolean): void {
    this.integer(field, value ? 1 : 0);
  }

  double(field: number, value: number): void {
    this.#reserve(8);
    this.#start -= 8;
    this.#buffer.writeDoubleLE(value, this.#start);
    this.#tag(field, 1);
  }

  #tag(field: number, wireType: number): void {
    this.#varint(field * 8 + wireType);
  }

  #varint(value: number | bigint): void {
    this.#reserve(maxVarintBytes);
    if (typeof value === "number" && value >= 0 && value < 0x80) {
      this.#buffer[--this.#start] = value;
      return;
    }
    const septets: number[] = [];
    if (typeof value === "number" && value >= 0) {
      let rest = value;
      for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) septets.push(rest % 0x80);
      septets.push(rest);
    } else {
      let rest = BigInt.asUintN(64, BigInt(value));
      for (; rest >= 0x80n; rest >>= 7n) septets.push(Number(rest & 0x7fn));
      septets.push(Number(rest));
    }
    for (let index = septets.length - 1; index >= 0; index--) {
      const more = index < septets.length - 1 ? 0x80 : 0;
      this.#buffer[--this.#start] = (septets[index] ?? 0) | more;
    }
  }

  #reserve(bytes: number): void {
    if (this.#start >= bytes) return;
    const { length } = this;
    const size = Math.max(this.#buffer.length * 2, length + bytes + initialBytes);
    const larger = Buffer.allocUnsafeSlow(size);
    this.#buffer.copy(larger, size - length, this.#start);
    this.#buffer = larger;
    this.#start = size - length;
  }
}

const initialBytes = 4096;
const maxVarintBytes = 10;

/** The beginning of a length-delimited field whose content follows elsewhere. */
export function fieldHead(field: number, size: number): Uint8Array {
  heads.head(field, size);
  return heads.finish();
}
const heads = new ProtoWriter();
