import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readLimited } from "./last-words.js";

describe("the file of a container's last word", () => {
  let dir: string;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), "last-words-"));
  });
  afterEach(() => rmSync(dir, { recursive: true }));

  it("is read from its end, up to its bound", async () => {
    writeFileSync(join(dir, "a"), `${"x".repeat(10_000)}the end`);
    expect(await readLimited(join(dir, "a"))).toBe(`${"x".repeat(4089)}the end`);
    writeFileSync(join(dir, "b"), "short");
    expect(await readLimited(join(dir, "b"))).toBe("short");
    expect(await readLimited(join(dir, "missing"))).toBe("");
  });

  it("is not read through a link, from a folder or from a pipe that nobody writes to", async () => {
    writeFileSync(join(dir, "secret"), "secret");
    symlinkSync("secret", join(dir, "link"));
    execFileSync("mkfifo", [join(dir, "pipe")]);
    for (const name of ["link", "pipe", "."]) expect(await readLimited(join(dir, name))).toBe("");
  });
});
