import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeAtomically } from "./atomic-files.js";

const files = (entries: Readonly<Record<string, string>>, mode = 0o644) =>
  new Map(Object.entries(entries).map(([path, text]) => [path, { content: Buffer.from(text), mode }]));

describe("files of a volume", () => {
  let dir: string;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), "volume-"));
  });
  afterEach(() => rmSync(dir, { recursive: true }));

  it("are seen through one link that is exchanged as a whole", () => {
    expect(writeAtomically(dir, files({ a: "1", "deep/b": "2" }), "v1")).toBe(true);
    expect(readFileSync(join(dir, "a"), "utf8") + readFileSync(join(dir, "deep/b"), "utf8")).toBe("12");
    expect(readlinkSync(join(dir, "a"))).toBe("..data/a");
    expect(writeAtomically(dir, files({ a: "3", c: "4" }, 0o400), "v2")).toBe(true);
    expect(readdirSync(dir).toSorted()).toEqual(["..data", "..v2", "a", "c"]);
    expect(readFileSync(join(dir, "a"), "utf8")).toBe("3");
    expect(statSync(join(dir, "c")).mode & 0o777).toBe(0o400);
  });

  it("are left alone while nothing changes", () => {
    writeAtomically(dir, files({ a: "1" }), "v1");
    expect(writeAtomically(dir, files({ a: "1" }), "v2")).toBe(false);
    expect(readlinkSync(join(dir, "..data"))).toBe("..v1");
  });

  it.each(["../a", "/a", "a/../../b", "..data", "", "a//b", "./a", "a\0"])("never leave it: %j", (path) => {
    expect(() => writeAtomically(dir, files({ [path]: "x" }), "v1")).toThrow("not a path below the volume");
  });
});
