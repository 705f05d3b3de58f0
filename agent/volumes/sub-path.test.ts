import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { subPathIn } from "./sub-path.js";

describe("a subPath", () => {
  let dir: string;
  let root: string;
  beforeEach(() => {
    dir = realpathSync(mkdtempSync(join(tmpdir(), "sub-path-")));
    root = join(dir, "volume");
    mkdirSync(join(root, "a", "b"), { recursive: true });
    mkdirSync(join(dir, "outside"));
    writeFileSync(join(root, "a", "file"), "x");
  });
  afterEach(() => rmSync(dir, { recursive: true, force: true }));

  it("is found, and made where it may be", () => {
    expect(subPathIn(root, "a/b", false)).toBe(join(root, "a", "b"));
    expect(subPathIn(root, "a//./file", false)).toBe(join(root, "a", "file"));
    expect(subPathIn(root, "new/deep", true)).toBe(join(root, "new", "deep"));
    expect(existsSync(join(root, "new", "deep"))).toBe(true);
    expect(() => subPathIn(root, "missing", false)).toThrow("ENOENT");
  });

  it("is made for whoever may use the volume, whatever the umask", () => {
    chmodSync(root, 0o2777);
    const before = process.umask(0o077);
    try {
      subPathIn(root, "new/deep", true);
    } finally {
      process.umask(before);
    }
    for (const made of ["new", "new/deep"]) expect(statSync(join(root, made)).mode & 0o7777).toBe(0o2777);
    expect(statSync(join(root, "a")).mode & 0o777).toBe(0o755);
  });

  it("goes through links that stay in the volume", () => {
    symlinkSync("a", join(root, "link"));
    symlinkSync("a/file", join(root, "key"));
    expect(subPathIn(root, "link/b", false)).toBe(join(root, "a", "b"));
    expect(subPathIn(root, "link/new", true)).toBe(join(root, "a", "new"));
    expect(subPathIn(root, "key", false)).toBe(join(root, "a", "file"));
  });

  it("never leaves the volume, whatever links a container puts there", () => {
    symlinkSync("../outside", join(root, "relative"));
    symlinkSync(join(dir, "outside"), join(root, "absolute"));
    symlinkSync(join(dir, "outside", "made"), join(root, "dangling"));
    symlinkSync("../../outside", join(root, "a", "nested"));
    for (const sub of [
      "relative",
      "absolute",
      "relative/new",
      "absolute/new/deep",
      "dangling",
      "a/nested/x",
      "../outside",
    ])
      expect(() => subPathIn(root, sub, true)).toThrow();
    for (const sub of ["/etc", "a/../../outside"])
      expect(() => subPathIn(root, sub, true)).toThrow("inside the volume");
    expect(existsSync(join(dir, "outside", "new"))).toBe(false);
    expect(existsSync(join(dir, "outside", "made"))).toBe(false);
  });

  it("is never outside while a container exchanges folders for links a thousand times", async () => {
    mkdirSync(join(root, "turn", "sub"), { recursive: true });
    mkdirSync(join(dir, "outside", "sub"));
    // What is looked for is also made, so any step may find something in its way: then all is put back, and tried again.
    const swaps = `
      const { mkdirSync, renameSync, rmSync, symlinkSync } = require("node:fs");
      const remove = (path) => rmSync(path, { recursive: true, force: true, maxRetries: 3 });
      process.chdir(${JSON.stringify(root)});
      for (let turns = 0; turns < 1000; ) {
        try {
          renameSync("turn", "aside");
          symlinkSync("../outside", "turn");
          remove("turn");
          renameSync("aside", "turn");
          turns++;
        } catch {
          try {
            for (const path of ["turn", "aside"]) remove(path);
            mkdirSync("turn/sub", { recursive: true });
          } catch {}
        }
      }`;
    const swapper = spawn(process.execPath, ["-e", swaps], { stdio: "inherit" });
    const ended = once(swapper, "exit");
    let [found, refused] = [0, 0];
    while (swapper.exitCode === null) {
      for (const sub of ["turn/sub", "turn/sub/made"]) {
        try {
          expect(subPathIn(root, sub, true).startsWith(`${root}/`)).toBe(true);
          found++;
        } catch (error) {
          if (error instanceof Error && error.message.includes("toBe")) throw error;
          refused++;
        }
      }
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(await ended).toEqual([0, null]);
    expect(found).toBeGreaterThan(0);
    expect(refused).toBeGreaterThan(0);
    expect(existsSync(join(dir, "outside", "sub", "made"))).toBe(false);
  });
});
