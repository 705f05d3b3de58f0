/** Archives as `tar` of every container reads and writes them (ustar, with GNU's and pax's long names), within bounds. */

export interface TarEntry {
  readonly name: string;
  readonly type: "file" | "directory" | "link" | "other";
  readonly mode: number;
  readonly size: number;
  readonly linkName: string;
}

export class TarError extends Error {
  override readonly name = "TarError";
}

const blockBytes = 512;
const longNameMaxBytes = 64 * 1024;
const shortNameMaxBytes = 100;

/** Entries one after another; the content of one is to be read (or let go) before the next. */
export async function* readTar(
  source: AsyncIterable<Uint8Array>,
): AsyncIterable<{ readonly entry: TarEntry; readonly content: AsyncIterable<Uint8Array> }> {
  const blocks = new Blocks(source);
  let longName: string | undefined;
  let longLink: string | undefined;
  for (;;) {
    const head = await blocks.block();
    if (!head || head.every((byte) => byte === 0)) return;
    const entry = entryOf(head);
    const flag = String.fromCharCode(head[156] ?? 0);
    if (flag === "L" || flag === "K" || flag === "x" || flag === "g") {
      if (entry.size > longNameMaxBytes) throw new TarError("a header of the archive is too long");
      const text = (await blocks.whole(entry.size)).toString("utf8");
      if (flag === "L") longName = text.replace(/\0+$/, "");
      else if (flag === "K") longLink = text.replace(/\0+$/, "");
      else if (flag === "x") {
        const records = paxOf(text);
        longName = records.get("path") ?? longName;
        longLink = records.get("linkpath") ?? longLink;
      }
      continue;
    }
    const named = { ...entry, name: longName ?? entry.name, linkName: longLink ?? entry.linkName };
    longName = undefined;
    longLink = undefined;
    const left = { bytes: named.size };
    yield { entry: named, content: blocks.content(left) };
    await blocks.skip(left, named.size);
  }
}

function entryOf(head: Buffer): TarEntry {
  const sum = head.reduce((total, byte, at) => total + (at >= 148 && at < 156 ? 32 : byte), 0);
  if (octal(head, 148, 8) !== sum) throw new TarError("the archive is damaged: a header's checksum is wrong");
  const prefix = head.toString("latin1", 257, 262) === "ustar" ? textAt(head, 345, 155) : "";
  const name = textAt(head, 0, 100);
  const flag = String.fromCharCode(head[156] ?? 0);
  return {
    name: prefix === "" ? name : `${prefix}/${name}`,
    type:
      flag === "5"
        ? "directory"
        : flag === "0" || flag === "\0" || flag === "7"
          ? "file"
          : flag === "1" || flag === "2"
            ? "link"
            : "other",
    mode: octal(head, 100, 8) & 0o7777,
    size: flag === "1" || flag === "2" || flag === "5" ? 0 : octal(head, 124, 12),
    linkName: textAt(head, 157, 100),
  };
}

function textAt(head: Buffer, start: number, length: number): string {
  const end = head.indexOf(0, start);
  return head.toString("utf8", start, end < 0 || end > start + length ? start + length : end);
}

function octal(head: Buffer, start: number, length: number): number {
  // GNU writes large numbers as bytes, with the first bit set.
  if ((head[start] ?? 0) & 0x80) {
    let value = 0;
    for (let at = start + 1; at < start + length; at++) value = value * 256 + (head[at] ?? 0);
    if (!Number.isSafeInteger(value)) throw new TarError("the archive is damaged: a number is too large");
    return value;
  }
  const written = textAt(head, start, length).trim();
  if (!/^[0-7]*$/.test(written)) throw new TarError("the archive is damaged: a number cannot be read");
  return written === "" ? 0 : Number.parseInt(written, 8);
}

/** Records `LENGTH KEY=VALUE\n`. */
function paxOf(text: string): ReadonlyMap<string, string> {
  const bytes = Buffer.from(text);
  const records = new Map<string, string>();
  for (let at = 0; at < bytes.length; ) {
    const blank = bytes.indexOf(32, at);
    const length = Number(bytes.toString("latin1", at, blank < 0 ? at : blank));
    if (!Number.isInteger(length) || length <= 0 || at + length > bytes.length) break;
    const record = bytes.toString("utf8", blank + 1, at + length - 1);
    const equals = record.indexOf("=");
    if (equals > 0) records.set(record.slice(0, equals), record.slice(equals + 1));
    at += length;
  }
  return records;
}

class Blocks {
  readonly #source: AsyncIterator<Uint8Array>;
  #rest: Buffer = Buffer.alloc(0);

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  async block(): Promise<Buffer | undefined> {
    while (this.#rest.length < blockBytes) {
      const next = await this.#source.next();
      if (next.done) {
        if (this.#rest.length > 0) throw new TarError("unexpected EOF");
        return undefined;
      }
      this.#rest = Buffer.concat([this.#rest, next.value]);
    }
    return this.#take(blockBytes);
  }

  async whole(size: number): Promise<Buffer> {
    const chunks: Uint8Array[] = [];
    const left = { bytes: size };
    for await (const chunk of this.content(left)) chunks.push(chunk);
    await this.skip(left, size);
    return Buffer.concat(chunks);
  }

  async *content(left: { bytes: number }): AsyncIterable<Uint8Array> {
    while (left.bytes > 0) {
      const chunk = await this.#some(left.bytes);
      left.bytes -= chunk.length;
      yield chunk;
    }
  }

  /** What was not read, and what fills the last block. */
  async skip(left: { bytes: number }, size: number): Promise<void> {
    left.bytes += (blockBytes - (size % blockBytes)) % blockBytes;
    while (left.bytes > 0) left.bytes -= (await this.#some(left.bytes)).length;
  }

  async #some(most: number): Promise<Buffer> {
    if (this.#rest.length === 0) {
      const next = await this.#source.next();
      if (next.done) throw new TarError("unexpected EOF");
      this.#rest = Buffer.from(next.value);
    }
    return this.#take(Math.min(most, this.#rest.length));
  }

  #take(length: number): Buffer {
    const taken = this.#rest.subarray(0, length);
    this.#rest = this.#rest.subarray(length);
    return taken;
  }
}

/** The blocks that come before the content of an entry. */
export function tarHeader({ name, type, mode, size, linkName }: TarEntry): Buffer {
  const path = Buffer.from(type === "directory" ? `${name}/` : name);
  if (path.length <= shortNameMaxBytes) return header(path, type, mode, size, linkName);
  const long = Buffer.concat([path, Buffer.of(0)]);
  return Buffer.concat([
    header(Buffer.from("././@LongLink"), "name", 0o644, long.length, ""),
    padded(long),
    header(path.subarray(0, shortNameMaxBytes), type, mode, size, linkName),
  ]);
}

const flags = { file: "0", link: "2", directory: "5", name: "L", other: "0" } as const;

function header(path: Buffer, type: keyof typeof flags, mode: number, size: number, linkName: string): Buffer {
  const head = Buffer.alloc(blockBytes);
  path.copy(head, 0);
  head.write(`${mode.toString(8).padStart(7, "0")}\0`, 100);
  head.write(`${"0".repeat(7)}\0`, 108);
  head.write(`${"0".repeat(7)}\0`, 116);
  head.write(size < 8 ** 11 ? `${size.toString(8).padStart(11, "0")}\0` : "", 124);
  if (size >= 8 ** 11) {
    head.writeBigUInt64BE(BigInt(size), 128);
    head[124] = 0x80;
  }
  head.write(`${"0".repeat(11)}\0`, 136);
  head.write(flags[type], 156);
  if (Buffer.byteLength(linkName) > shortNameMaxBytes) throw new TarError(`the link ${linkName} is too long`);
  head.write(linkName, 157);
  head.write("ustar  \0", 257);
  const sum = head.reduce((total, byte, at) => total + (at >= 148 && at < 156 ? 32 : byte), 0);
  head.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  return head;
}

const padded = (content: Buffer): Buffer => Buffer.concat([content, tarPadding(content.length)]);
export const tarPadding = (size: number): Buffer => Buffer.alloc((blockBytes - (size % blockBytes)) % blockBytes);
export const tarEnd = (): Buffer => Buffer.alloc(2 * blockBytes);
