import { createInflate, type Inflate } from "node:zlib";
import { headerDictionary } from "./dictionary.js";

/** Names in lower case, each once. */
export type SpdyHeaders = ReadonlyMap<string, string>;

/** The other side broke the protocol: nothing more can be understood on this connection. */
export class SpdyError extends Error {
  override readonly name = "SpdyError";
}

export const headersMaxBytes = 64 * 1024;
const headersMaxCount = 128;

/** A count, then each name and value after its length. */
export function encodeHeaders(headers: SpdyHeaders): Buffer {
  const parts: Buffer[] = [uint32(headers.size)];
  for (const [name, value] of headers)
    for (const text of [name.toLowerCase(), value]) {
      const bytes = Buffer.from(text);
      parts.push(uint32(bytes.length), bytes);
    }
  return Buffer.concat(parts);
}

/** Throws SpdyError for what is no header block, a name that comes twice included. */
export function decodeHeaders(block: Buffer): SpdyHeaders {
  let at = 0;
  const number = (): number => {
    if (at + 4 > block.length) throw new SpdyError("a header block is cut short");
    at += 4;
    return block.readUInt32BE(at - 4);
  };
  const text = (): string => {
    const length = number();
    if (length > block.length - at) throw new SpdyError("a header block is cut short");
    at += length;
    return block.toString("utf8", at - length, at);
  };
  const count = number();
  if (count > headersMaxCount) throw new SpdyError(`more than ${headersMaxCount} headers`);
  const headers = new Map<string, string>();
  for (let index = 0; index < count; index++) {
    const name = text().toLowerCase();
    if (name === "" || headers.has(name)) throw new SpdyError("a header has no name, or comes twice");
    headers.set(name, text());
  }
  if (at !== block.length) throw new SpdyError("a header block goes on after its end");
  return headers;
}

/**
 * What a connection's header blocks look like on the wire: one stream of zlib. What is sent needs no compression to be
 * valid, so it is stored as it is, and sending stays free of waiting. Call it in the order of the frames.
 */
export function createHeaderPacker(): (block: Buffer) => Buffer {
  let begun = false;
  return (block) => {
    const parts: Buffer[] = begun ? [] : [zlibStart];
    begun = true;
    for (let at = 0; at < block.length; at += storedMaxBytes) {
      const piece = block.subarray(at, at + storedMaxBytes);
      const head = Buffer.alloc(5);
      head.writeUInt16LE(piece.length, 1);
      head.writeUInt16LE(piece.length ^ 0xffff, 3);
      parts.push(head, piece);
    }
    // Go's reader hands on what it has when a block is empty, and takes the end of the input for an error.
    parts.push(Buffer.of(0, 0, 0, 0xff, 0xff));
    return Buffer.concat(parts);
  };
}

const storedMaxBytes = 0xffff;

/** RFC 1950: deflate with a window of 32 KB and a preset dictionary, which its checksum names. */
const zlibStart = Buffer.concat([
  Buffer.of(0x78, 0x20 + (31 - ((0x7800 + 0x20) % 31))),
  uint32(adler32(headerDictionary)),
]);

function adler32(bytes: Buffer): number {
  let [a, b] = [1, 0];
  for (const byte of bytes) {
    a = (a + byte) % 65_521;
    b = (b + a) % 65_521;
  }
  return b * 65_536 + a;
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

/** Reads what the other side's compressor wrote, block after block, in order. */
export class HeaderUnpacker {
  readonly #inflate: Inflate = createInflate({ dictionary: headerDictionary });
  readonly #chunks: Buffer[] = [];
  #bytes = 0;
  #failed: Error | undefined;
  #fail: (error: Error) => void = () => {};

  constructor() {
    this.#inflate.on("data", (chunk: Buffer) => {
      this.#bytes += chunk.length;
      if (this.#bytes > headersMaxBytes) this.#broken(new SpdyError(`headers of more than ${headersMaxBytes} bytes`));
      else this.#chunks.push(chunk);
    });
    this.#inflate.on("error", (error) => this.#broken(new SpdyError(`headers that cannot be read: ${error.message}`)));
    this.#inflate.on("end", () => this.#broken(new SpdyError("the stream of headers has ended")));
  }

  /** Throws SpdyError. Not to be called again before it has answered. */
  async unpack(packed: Buffer): Promise<Buffer> {
    await new Promise<void>((resolve, reject) => {
      this.#fail = reject;
      if (this.#failed) return reject(this.#failed);
      // What was inflated is handed out by the turn after the one in which the input is done.
      this.#inflate.write(packed, () => setImmediate(resolve));
    });
    if (this.#failed) throw this.#failed;
    const block = Buffer.concat(this.#chunks.splice(0));
    this.#bytes = 0;
    return block;
  }

  close(): void {
    this.#broken(new SpdyError("closed"));
  }

  #broken(error: Error): void {
    this.#failed ??= error;
    this.#inflate.destroy();
    this.#chunks.length = 0;
    this.#fail(this.#failed);
  }
}
