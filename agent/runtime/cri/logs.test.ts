import { appendFileSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "../../../base/clock.js";
import type { LogOptions } from "../runtime.js";
import { decodeLine, readLog } from "./logs.js";

const line = (at: number, text: string, tag = "F", stream = "stdout"): string =>
  `2024-01-01T00:00:${String(at).padStart(2, "0")}.123456789Z ${stream} ${tag} ${text}\n`;

describe("a log in CRI's format", () => {
  let dir: string;
  let path: string;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), "logs-"));
    path = join(dir, "0.log");
  });
  afterEach(() => rmSync(dir, { recursive: true, force: true }));

  const read = async (options: Partial<LogOptions> = {}, ended = () => true): Promise<readonly string[]> => {
    const texts: string[] = [];
    const wanted = { follow: false, signal: new AbortController().signal, ...options };
    for await (const entry of readLog(path, wanted, { ended: async () => ended(), clock: systemClock }))
      texts.push(entry.line.toString());
    return texts;
  };

  it("tells time, stream and whether the line goes on", () => {
    expect(decodeLine(Buffer.from(line(1, "a b", "P", "stderr").trim()))).toEqual({
      timestamp: "2024-01-01T00:00:01.123456789Z",
      stream: "stderr",
      partial: true,
      line: Buffer.from("a b"),
    });
    expect(decodeLine(Buffer.from("2024-01-01T00:00:01Z stdout F"))?.line.toString()).toBe("");
    for (const text of ["", "no log", "2024 other F x"]) expect(decodeLine(Buffer.from(text))).toBeUndefined();
  });

  it("is read across the files that were put aside, oldest first", async () => {
    writeFileSync(`${path}.1700000000001`, line(1, "one"));
    writeFileSync(`${path}.1700000000002`, line(2, "two"));
    writeFileSync(path, line(3, "three") + line(4, "four"));
    expect(await read()).toEqual(["one", "two", "three", "four"]);
    for (const [tailLines, expected] of [
      [0, []],
      [1, ["four"]],
      [3, ["two", "three", "four"]],
      [4, ["one", "two", "three", "four"]],
      [9, ["one", "two", "three", "four"]],
    ] as const)
      expect(await read({ tailLines })).toEqual(expected);
    expect(await read({ sinceMs: Date.parse("2024-01-01T00:00:03Z") })).toEqual(["three", "four"]);
  });

  it("is empty before the container wrote anything", async () => {
    expect(await read()).toEqual([]);
    expect(await read({ tailLines: 5 })).toEqual([]);
  });

  it("is followed through a rotation to the end, without a line lost or told twice", async () => {
    writeFileSync(path, "");
    let ended = false;
    const following = read({ follow: true }, () => ended);
    const expected: string[] = [];
    for (let at = 0; at < 40; at++) {
      expected.push(`line ${at}`);
      appendFileSync(path, line(at, `line ${at}`));
      if (at % 15 === 14) {
        renameSync(path, `${path}.17000000000${at}`);
        writeFileSync(path, "");
      }
      if (at % 5 === 0) await systemClock.sleep(10);
    }
    ended = true;
    appendFileSync(path, line(59, "last"));
    expect(await following).toEqual([...expected, "last"]);
  });
});
