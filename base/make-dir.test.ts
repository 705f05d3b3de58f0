import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makeDir } from "./make-dir.js";

describe("making a folder", () => {
  let dir: string;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), "make-dir-"));
  });
  afterEach(() => rmSync(dir, { recursive: true, force: true }));

  it("makes those above it, too, and is content with what is there", () => {
    for (let time = 0; time < 2; time++) makeDir(join(dir, "a", "b", "c"), 0o700);
    for (const path of ["a", "a/b", "a/b/c"]) expect(statSync(join(dir, path)).mode & 0o777).toBe(0o700);
  });

  it("says why it cannot", () => {
    writeFileSync(join(dir, "file"), "");
    expect(() => makeDir(join(dir, "file"), 0o700)).toThrow("EEXIST");
    expect(() => makeDir(join(dir, "file", "below"), 0o700)).toThrow("ENOTDIR");
    if (process.platform === "linux") expect(() => makeDir("/proc/navarch/below", 0o700)).toThrow("ENOENT");
  });
});
