/** One member of a tar archive. `path` and `target` are written as they are: absolute ones and `..` too. */
export type TarEntry = TarFile | TarFolder | TarLink | TarDevice;

export interface TarFile extends TarMeta {
  readonly type: "file";
  readonly content: Uint8Array | string;
}
export interface TarFolder extends TarMeta {
  readonly type: "folder";
}
export interface TarLink extends TarMeta {
  readonly type: "symlink" | "hardlink";
  readonly target: string;
}
export interface TarDevice extends TarMeta {
  readonly type: "character" | "block";
  readonly major: number;
  readonly minor: number;
}
interface TarMeta {
  readonly path: string;
  readonly mode?: number;
  readonly uid?: number;
  readonly gid?: number;
}

export const file = (path: string, content: Uint8Array | string, meta: Partial<TarMeta> = {}): TarFile => ({
  type: "file",
  path,
  content,
  ...meta,
});
export const folder = (path: string, meta: Partial<TarMeta> = {}): TarFolder => ({ type: "folder", path, ...meta });
export const symlink = (path: string, target: string): TarLink => ({ type: "symlink", path, target });
export const hardlink = (path: string, target: string): TarLink => ({ type: "hardlink", path, target });

/**
 * A POSIX archive: the same entries give the same bytes, whoever writes them and when (every time is 0). Names over
 * 100 bytes get an extended header.
 */
export function tarOf(entries: readonly TarEntry[]): Buffer {
  return Buffer.concat([...entries.flatMap(memberOf), Buffer.alloc(2 * blockBytes)]);
}

const blockBytes = 512;
const nameMaxBytes = 100;
const typeFlags: Readonly<Record<TarEntry["type"], string>> = {
  file: "0",
  hardlink: "1",
  symlink: "2",
  character: "3",
  block: "4",
  folder: "5",
};

function memberOf(entry: TarEntry): readonly Buffer[] {
  const target = entry.type === "symlink" || entry.type === "hardlink" ? entry.target : "";
  const path = entry.type === "folder" && !entry.path.endsWith("/") ? `${entry.path}/` : entry.path;
  const content = entry.type === "file" ? Buffer.from(entry.content) : Buffer.alloc(0);
  const long = [
    ...(Buffer.byteLength(path) > nameMaxBytes ? [record("path", path)] : []),
    ...(Buffer.byteLength(target) > nameMaxBytes ? [record("linkpath", target)] : []),
  ].join("");
  const device = entry.type === "character" || entry.type === "block" ? entry : { major: 0, minor: 0 };
  const header = headerOf({
    path,
    target,
    flag: typeFlags[entry.type],
    sizeBytes: content.length,
    mode: entry.mode ?? (entry.type === "folder" ? 0o755 : 0o644),
    uid: entry.uid ?? 0,
    gid: entry.gid ?? 0,
    ...device,
  });
  const extended = Buffer.from(long);
  return [
    ...(extended.length === 0
      ? []
      : [
          headerOf({ ...plain, path: "PaxHeader", flag: "x", sizeBytes: extended.length, mode: 0o644 }),
          padded(extended),
        ]),
    header,
    padded(content),
  ];
}

/** Its length counts itself. */
function record(key: string, value: string): string {
  const rest = ` ${key}=${value}\n`;
  const restBytes = Buffer.byteLength(rest);
  let length = restBytes + 1;
  while (length !== restBytes + String(length).length) length = restBytes + String(length).length;
  return `${length}${rest}`;
}

interface Header {
  readonly path: string;
  readonly target: string;
  readonly flag: string;
  readonly sizeBytes: number;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly major: number;
  readonly minor: number;
}
const plain = { target: "", uid: 0, gid: 0, major: 0, minor: 0 };

function headerOf({ path, target, flag, sizeBytes, mode, uid, gid, major, minor }: Header): Buffer {
  const header = Buffer.alloc(blockBytes);
  const text = (value: string, offset: number, max: number): void =>
    void Buffer.from(value).subarray(0, max).copy(header, offset);
  const octal = (value: number, offset: number, width: number): void =>
    void header.write(`${value.toString(8).padStart(width - 1, "0")}\0`, offset);
  text(path, 0, nameMaxBytes);
  octal(mode, 100, 8);
  octal(uid, 108, 8);
  octal(gid, 116, 8);
  octal(sizeBytes, 124, 12);
  octal(0, 136, 12);
  header.write("        ", 148);
  header.write(flag, 156);
  text(target, 157, nameMaxBytes);
  header.write("ustar\x0000", 257, "latin1");
  octal(major, 329, 8);
  octal(minor, 337, 8);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  return header;
}

const padded = (content: Buffer): Buffer =>
  Buffer.concat([content, Buffer.alloc((blockBytes - (content.length % blockBytes)) % blockBytes)]);
