import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { belowPrefix, extractTar } from "./extract.js";
import { readTar, type TarEntry, tarEnd, tarHeader, tarPadding } from "./tar.js";

const entry = (name: string, content = "", more: Partial<TarEntry> = {}): Buffer[] => {
  const size = Buffer.byteLength(content);
  return [
    tarHeader({ name, type: "file", mode: 0o644, size, linkName: "", ...more }),
    Buffer.from(content),
    tarPadding(size),
  ];
};
const link = (name: string, linkName: string): Buffer[] => [
  tarHeader({ name, type: "link", mode: 0o777, size: 0, linkName }),
];

async function* archive(...parts: readonly Buffer[][]): AsyncIterable<Uint8Array> {
  yield Buffer.concat([...parts.flat(), tarEnd()]);
}

describe("what a container's archive may write", () => {
  let dir: string;
  let destination: string;
  const warnings: string[] = [];
  const extract = (source: AsyncIterable<Uint8Array>): Promise<number> =>
    extractTar(source, { prefix: "data", destination, warn: (text) => warnings.push(text) });
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), "navctl-cp-"));
    destination = join(dir, "copied");
    warnings.length = 0;
  });
  afterEach(() => rmSync(dir, { recursive: true }));

  it("is files and folders below the destination, without set-uid bits", async () => {
    const folder = [tarHeader({ name: "data/sub", type: "directory", mode: 0o755, size: 0, linkName: "" })];
    mkdirSync(destination);
    expect(await extract(archive(folder, entry("data/sub/a", "A"), entry("data/b", "B", { mode: 0o4755 })))).toBe(2);
    expect(readFileSync(join(destination, "sub", "a"), "utf8")).toBe("A");
    expect(statSync(join(destination, "b")).mode & 0o7777).toBe(0o755);
    expect(warnings).toEqual([]);
  });

  it("is one file under the name that it was to get", async () => {
    expect(await extract(archive(entry("data", "alone")))).toBe(1);
    expect(readFileSync(destination, "utf8")).toBe("alone");
  });

  it.each(["/etc/evil", "data/../../evil", "../evil", "data/..", "other/evil"])("is nothing named %s", async (name) => {
    mkdirSync(destination);
    expect(await extract(archive(entry(name, "evil"), entry("data/good", "good")))).toBe(1);
    expect(warnings.join()).toContain("outside of what was asked for");
    expect(existsSync(join(dir, "evil"))).toBe(false);
  });

  it("is no link, and goes through none", async () => {
    mkdirSync(destination);
    mkdirSync(join(dir, "outside"));
    symlinkSync(join(dir, "outside"), join(destination, "door"));
    writeFileSync(join(dir, "precious"), "kept");
    symlinkSync(join(dir, "precious"), join(destination, "file"));
    await extract(
      archive(
        link("data/way", dir),
        entry("data/way/evil", "x"),
        entry("data/door/evil", "x"),
        entry("data/file", "lost"),
      ),
    );
    expect(existsSync(join(dir, "outside", "evil"))).toBe(false);
    expect(readFileSync(join(dir, "precious"), "utf8")).toBe("kept");
    expect(lstatSync(join(destination, "way")).isDirectory()).toBe(true);
    expect(warnings.join()).toContain("skipping symlink");
  });

  it("is refused where the archive is damaged or breaks off", async () => {
    const [head = Buffer.alloc(0)] = entry("data/a", "A");
    const damaged = Buffer.from(head);
    damaged[0] = 65;
    mkdirSync(destination);
    await expect(extract(archive([damaged]))).rejects.toThrow("checksum");
    const cut = async function* (): AsyncIterable<Uint8Array> {
      yield head;
    };
    await expect(extract(cut())).rejects.toThrow("unexpected EOF");
  });
});

it("an archive is read as it was written, however it is cut into chunks", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.stringMatching(/^[a-z]{1,150}$/), fc.uint8Array({ maxLength: 2000 })), { maxLength: 5 }),
      fc.integer({ min: 1, max: 700 }),
      async (files, step) => {
        const bytes = Buffer.concat([
          ...files.flatMap(([name, content]) => [
            tarHeader({ name, type: "file", mode: 0o600, size: content.length, linkName: "" }),
            Buffer.from(content),
            tarPadding(content.length),
          ]),
          tarEnd(),
        ]);
        const cut = async function* (): AsyncIterable<Uint8Array> {
          for (let at = 0; at < bytes.length; at += step) yield bytes.subarray(at, at + step);
        };
        const read: [string, Buffer][] = [];
        for await (const { entry: found, content } of readTar(cut())) {
          const chunks: Uint8Array[] = [];
          for await (const chunk of content) chunks.push(chunk);
          read.push([found.name, Buffer.concat(chunks)]);
        }
        expect(read).toEqual(files.map(([name, content]) => [name, Buffer.from(content)]));
      },
    ),
    { numRuns: 30 },
  );
});

it("a name is below its prefix only without a way out", () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom("..", ".", "", "a", "data", "b"), { maxLength: 8 }), (steps) => {
      const found = belowPrefix(steps.join("/"), "data");
      expect(found === undefined || !found.includes("..")).toBe(true);
    }),
  );
});
