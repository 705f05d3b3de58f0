import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DirLockedError, lockDir } from "./dir-lock.js";
import { thisProcess } from "./process-identity.js";

describe("the lock of a directory", () => {
  let dir: string;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), "navarch-lock-"));
  });
  afterEach(() => rmSync(dir, { recursive: true, force: true }));

  it("is held by one at a time and leaves nothing behind", () => {
    const unlock = lockDir(dir);
    expect(() => lockDir(dir)).toThrow(DirLockedError);
    unlock();
    expect(readdirSync(dir)).toEqual([]);
    lockDir(dir)();
  });

  it("is taken over from a process that is gone", async () => {
    const child = spawn(process.execPath, ["-e", "setTimeout(() => {}, 60000)"]);
    writeFileSync(join(dir, "lock"), JSON.stringify({ ...thisProcess(), pid: child.pid }));
    child.kill("SIGKILL");
    await new Promise((resolve) => child.once("exit", resolve));
    lockDir(dir)();
    expect(existsSync(join(dir, "lock"))).toBe(false);
  });

  it("is taken over from an earlier boot or a reused pid", () => {
    for (const stale of [{ bootId: "another" }, { startTime: "1" }]) {
      writeFileSync(join(dir, "lock"), JSON.stringify({ ...thisProcess(), ...stale }));
      lockDir(dir)();
    }
  });

  it("counts for nothing when it cannot be read", () => {
    writeFileSync(join(dir, "lock"), "{");
    lockDir(dir)();
  });
});
