import { appendFileSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LogSegments } from "./log-segments.js";

describe("the segments of a log", () => {
  let dir: string;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), "navarch-segments-"));
  });
  afterEach(() => rmSync(dir, { recursive: true }));
  const put = (name: string, text: string): void => writeFileSync(join(dir, name), text);
  const all = async (segments: LogSegments): Promise<string> => {
    let text = "";
    for (let at = segments.begin; at < segments.end; ) {
      const { bytes } = await segments.read(at, segments.end);
      at += bytes.length;
      text += bytes.toString();
    }
    return `${segments.begin}-${segments.end} ${text}`;
  };

  it("follow each other, two of them, whoever opens them", async () => {
    const segments = new LogSegments(dir);
    for (const text of ["first ", "second ", "third "]) {
      appendFileSync(join(dir, "log"), text);
      await segments.rotate();
    }
    appendFileSync(join(dir, "log"), "last");
    expect(await all(segments)).toBe("13-23 third last");
    expect(await all(new LogSegments(dir))).toBe("13-23 third last");
    expect(readdirSync(dir).toSorted()).toEqual(["bases", "log", "log.1"]);
  });

  // The log was "old " and "new" when it was rotated.
  const steps: readonly (readonly [after: string, files: Readonly<Record<string, string>>, found: string])[] = [
    ["half a copy", { "log.1": "old ", log: "new", "log.1.new": "ne" }, "0-7 old new"],
    ["the copy", { "log.1": "old ", log: "new", "log.1.new": "new" }, "0-7 old new"],
    ["half an announcement", { "log.1": "old ", log: "new", "log.1.new": "new", moving: "4 " }, "0-7 old new"],
    ["the announcement", { "log.1": "old ", log: "new", "log.1.new": "new", moving: "4 3\n" }, "4-7 new"],
    ["the rename", { "log.1": "new", log: "new", moving: "4 3\n" }, "4-7 new"],
    ["the emptying", { "log.1": "new", log: "", moving: "4 3\n" }, "4-7 new"],
    ["half the numbers", { "log.1": "new", log: "", moving: "4 3\n", bases: "4" }, "4-7 new"],
    ["all but the last", { "log.1": "new", log: "", moving: "4 3\n", bases: "4 7\n" }, "4-7 new"],
  ];
  it.each(steps)("are whole when the agent was killed after %s", async (_after, files, found) => {
    put("bases", "0 4\n");
    for (const [name, text] of Object.entries(files)) put(name, text);
    const segments = new LogSegments(dir);
    expect(await all(segments)).toBe(found);
    appendFileSync(join(dir, "log"), " more");
    expect(await all(segments)).toBe(`${found.replace("7", "12")} more`);
    expect(await all(new LogSegments(dir))).toBe(`${found.replace("7", "12")} more`);
  });
});
