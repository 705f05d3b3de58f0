import { execFileSync, spawn } from "node:child_process";
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

  it("is taken over by one of many that see the same dead holder, however their steps mix", async () => {
    const bundle = join(dir, "taker.cjs");
    const source = join(process.cwd(), "base/dir-lock.ts");
    const options = ["--bundle", "--platform=node", "--format=cjs", `--outfile=${bundle}`, "--log-level=error"];
    execFileSync(join(process.cwd(), "node_modules/.bin/esbuild"), [source, ...options]);
    const held = join(dir, "held");
    const takers = Array.from({ length: 4 }, () => spawn(process.execPath, ["-e", taker(bundle, held)]));
    const outputs = await Promise.all(takers.map(outputOf));
    expect(outputs.map(({ errors }) => errors)).toEqual(takers.map(() => ""));
    const wins = outputs.map(({ text }) => Number(text)).reduce((sum, each) => sum + each, 0);
    expect(wins).toBeGreaterThanOrEqual(takersRounds);
  });

  it("counts for nothing when it cannot be read", () => {
    writeFileSync(join(dir, "lock"), "{");
    lockDir(dir)();
  });
});

const takersRounds = 20;

/**
 * A program that takes the lock again and again, pausing at every step, and leaves it as a dead process would; it says
 * how often it got it, and fails when somebody else had it at the same time.
 */
const taker = (bundle: string, held: string): string => `
const fs = require("node:fs");
const { mkdirSync, rmdirSync, writeFileSync, renameSync } = { ...fs };
for (const name of ["rmSync", "renameSync", "linkSync"]) {
  const now = fs[name];
  fs[name] = (...given) => {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, Math.random() * 4);
    return now(...given);
  };
}
const { lockDir } = require(${JSON.stringify(bundle)});
const dir = ${JSON.stringify(held)};
const lock = dir + "/lock";
let wins = 0;
const until = Date.now() + 20000;
while (wins < ${takersRounds} && Date.now() < until) {
  try {
    lockDir(dir);
  } catch (error) {
    if (error.name !== "DirLockedError") throw error;
    continue;
  }
  wins++;
  mkdirSync(dir + ".only-one");
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2);
  rmdirSync(dir + ".only-one");
  writeFileSync(lock + ".dead." + process.pid, JSON.stringify({ pid: 1, startTime: String(Math.random()), bootId: "x" }));
  renameSync(lock + ".dead." + process.pid, lock);
}
process.stdout.write(String(wins));
`;

async function outputOf(child: ReturnType<typeof spawn>): Promise<{ readonly text: string; readonly errors: string }> {
  let text = "";
  let errors = "";
  child.stdout?.on("data", (chunk) => {
    text += String(chunk);
  });
  child.stderr?.on("data", (chunk) => {
    errors += String(chunk);
  });
  await new Promise((resolve) => child.once("close", resolve));
  return { text, errors };
}
