import { appendFileSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LogStamps } from "./log-stamps.js";

const entries = (from: number, to: number): Buffer => {
  const bytes = Buffer.alloc((to - from) * 16);
  for (let i = from; i < to; i++) {
    bytes.writeDoubleLE((i + 1) * 10, (i - from) * 16);
    bytes.writeDoubleLE(1_000 + i, (i - from) * 16 + 8);
  }
  return bytes;
};

describe("the stamps of a log", () => {
  let path: string;
  let edition: number;
  let stamps: LogStamps;
  beforeEach(() => {
    path = join(mkdtempSync(join(tmpdir(), "stamps-")), "stamps");
    writeFileSync(path, entries(0, 1_000));
    edition = 0;
    stamps = new LogStamps(path, () => edition);
  });
  afterEach(() => {
    stamps.close();
    rmSync(join(path, ".."), { recursive: true, force: true });
  });

  it("say of each byte when it was there, in any order", () => {
    for (const index of [0, 1, 2, 500, 257, 256, 255, 999, 3]) {
      expect(stamps.timeAt(index * 10 + 1)).toBe(1_000 + index);
      expect(stamps.timeAt(index * 10 + 10)).toBe(1_000 + index);
    }
    expect(stamps.timeAt(1_000_000)).toBe(1_999);
  });

  it("say what was there before a time", () => {
    expect(stamps.offsetBefore(0)).toBe(0);
    expect(stamps.offsetBefore(1_001)).toBe(10);
    expect(stamps.offsetBefore(1_256)).toBe(2_560);
    expect(stamps.offsetBefore(9_999)).toBe(10_000);
  });

  it("go on as the file grows or is replaced", () => {
    expect(stamps.timeAt(10_000)).toBe(1_999);
    appendFileSync(path, entries(1_000, 1_300));
    expect(stamps.timeAt(13_000)).toBe(2_299);
    writeFileSync(`${path}.new`, entries(1_200, 1_300));
    renameSync(`${path}.new`, path);
    edition++;
    expect(stamps.timeAt(12_010)).toBe(2_200);
    expect(stamps.timeAt(12_995)).toBe(2_299);
  });

  it("are none of a log to which nothing was written", () => {
    const none = new LogStamps(`${path}-missing`, () => 0);
    expect([none.timeAt(5), none.offsetBefore(5)]).toEqual([0, 0]);
    none.close();
  });
});
