import { appendFileSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "../../../base/clock.js";
import { eventually } from "../../eventually.test-kit.js";
import { LogFile } from "./log-file.js";

const lineBytes = 2_560;
const linesPerSegment = 5_000;

describe("a log whose times cannot be noted", () => {
  it("is told of once, and read all the same", async () => {
    const dir = mkdtempSync(join(tmpdir(), "navarch-log-"));
    const failed = jest.fn();
    symlinkSync("/dev/full", join(dir, "stamps"));
    const log = new LogFile(dir, systemClock, { pause: async () => false, resume: () => {} }, failed);
    const write = (text: string): void => {
      appendFileSync(join(dir, "log"), text);
      log.changed();
      log.catchUp();
    };
    const read = async () => {
      const entries: { readonly line: string; readonly isTimed: boolean }[] = [];
      for await (const { line, timestamp } of log.read(
        { follow: false, signal: new AbortController().signal },
        () => true,
      ))
        entries.push({ line: Buffer.from(line).toString(), isTimed: !timestamp.startsWith("1970") });
      return entries;
    };
    write("one\n");
    write("two\n");
    expect(await read()).toMatchObject([{ line: "one" }, { line: "two" }]);
    expect(failed).toHaveBeenCalledTimes(1);
    rmSync(join(dir, "stamps"));
    write("three\n");
    expect(await read()).toEqual(["one", "two", "three"].map((line) => ({ line, isTimed: true })));
    log.close();
    rmSync(dir, { recursive: true });
  });
});

const fail = (error: unknown): void => {
  throw error;
};

describe("a log that is rotated while it is read", () => {
  let dir: string;
  let log: LogFile;
  let pausable: boolean;
  let pauses: number;
  let resumes: number;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), "navarch-log-"));
    pausable = false;
    [pauses, resumes] = [0, 0];
    const pause = async (): Promise<boolean> => {
      pauses++;
      return pausable;
    };
    log = new LogFile(dir, systemClock, { pause, resume: () => void resumes++ }, fail);
  });
  afterEach(() => {
    log.close();
    rmSync(dir, { recursive: true });
  });

  const write = (from: number): void => {
    let text = "";
    for (let each = from; each < from + linesPerSegment; each++)
      text += `${String(each).padStart(lineBytes - 1, "0")}\n`;
    appendFileSync(join(dir, "log"), text);
    log.catchUp();
  };
  const rotate = async (): Promise<void> => {
    pausable = true;
    await eventually(() => {
      log.catchUp();
      expect(statSync(join(dir, "log")).size).toBe(0);
    });
    pausable = false;
  };
  const numbers = async function* (follow: boolean, ended: () => boolean): AsyncGenerator<number> {
    for await (const { line } of log.read({ follow, signal: new AbortController().signal }, ended))
      yield Number(Buffer.from(line));
  };

  it.each([false, true])("loses nothing to one rotation (follow: %s)", async (follow) => {
    write(0);
    await rotate();
    write(linesPerSegment);
    const reader = numbers(follow, () => true);
    expect((await reader.next()).value).toBe(0);
    await rotate();
    let expected = 1;
    for await (const number of reader) if (number !== expected++) throw new Error(`${number} is not ${expected - 1}`);
    expect(expected).toBe(2 * linesPerSegment);
  });

  it.each([
    ["goes on where the log begins now", true, [linesPerSegment - 1, 2 * linesPerSegment], 2 * linesPerSegment - 1],
    ["ends where it was asked for", false, [linesPerSegment - 1], linesPerSegment - 1],
  ])("%s when several rotations took what was next (follow: %s)", async (_what, follow, around, count) => {
    write(0);
    await rotate();
    write(linesPerSegment);
    const reader = numbers(follow, () => true);
    expect((await reader.next()).value).toBe(0);
    await rotate();
    write(2 * linesPerSegment);
    await rotate();
    const read: number[] = [];
    for await (const number of reader) read.push(number);
    expect(read).toHaveLength(count);
    expect(read.slice(linesPerSegment - 2, linesPerSegment)).toEqual(around);
  });

  it("keeps all where it is when it cannot be moved, and does not try again at once", async () => {
    mkdirSync(join(dir, "log.1.new"));
    pausable = true;
    write(0);
    for (let look = 0; look < 3; look++) {
      await new Promise((resolve) => setTimeout(resolve, 20));
      log.catchUp();
    }
    expect([pauses, resumes]).toEqual([1, 1]);
    let lines = 0;
    for await (const number of numbers(false, () => true)) if (number === lines) lines++;
    expect(lines).toBe(linesPerSegment);
  });

  it("wakes those who follow for what was written during a rotation", async () => {
    write(0);
    let release = (): void => {};
    const held = new Promise<boolean>((resolve) => (release = () => resolve(true)));
    log.close();
    log = new LogFile(
      dir,
      systemClock,
      { pause: () => held, resume: () => appendFileSync(join(dir, "log"), "7\n") },
      fail,
    );
    const reader = numbers(true, () => false);
    for (let each = 0; each < linesPerSegment; each++) await reader.next();
    release();
    expect((await reader.next()).value).toBe(7);
    await reader.return(0);
  });
});
