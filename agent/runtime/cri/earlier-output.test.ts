import fc from "fast-check";
import { systemClock } from "../../../base/clock.js";
import type { ExecSession, LogEntry } from "../runtime.js";
import { likelyBefore, withEarlierOutput, writtenBefore } from "./earlier-output.js";

const bytes = (text: string): Buffer => Buffer.from(text);

describe("what was written before a container was joined", () => {
  it.each([
    ["one\ntwo\n", "two\n", false, "one\n"],
    ["one\ntwo\n", "", false, "one\ntwo\n"],
    ["one\n", "# ", false, "one\n"],
    ["one\n", "one\n# ", false, ""],
    ["one\ntwo", "two", true, "one\n"],
    ["one\n", "two\n", false, undefined],
    ["", "two\n", false, undefined],
    ["one\n", "two", true, undefined],
    ["y\ny\ny\n", "y\n", false, "y\ny\n"],
  ])("log %j, joined %j, over %s: %j", (logged, joined, isOver, expected) => {
    expect(writtenBefore(bytes(logged), bytes(joined), isOver)?.toString()).toBe(expected);
  });

  it("is all that is missing, wherever it was joined", () => {
    fc.assert(
      fc.property(fc.string(), fc.nat(), fc.boolean(), (text, cut, isOver) => {
        const all = bytes(text.replaceAll("a", "\n"));
        const joined = all.subarray(Math.min(cut, all.length));
        const logged = isOver ? all : all.subarray(0, all.lastIndexOf(10) + 1);
        const missed = writtenBefore(logged, joined, isOver);
        // A line that was joined in its middle and has not ended is in no log yet.
        if (missed === undefined || (!isOver && !joined.includes(10))) return;
        expect(Buffer.concat([missed, joined])).toEqual(all);
      }),
    );
  });

  it("is guessed where one of the two is ahead", () => {
    expect(likelyBefore(bytes("1\n2\n3\n4\n"), bytes("3\n")).toString()).toBe("1\n2\n");
    expect(likelyBefore(bytes("1\n2\n"), bytes("3\n")).toString()).toBe("");
  });

  it("comes first, and once, on its own stream; what the log tells late is not missed", async () => {
    let ask = 0;
    async function* log(): AsyncIterable<LogEntry> {
      const entry = (stream: "stdout" | "stderr", line: string): LogEntry => ({
        ...{ timestamp: "", stream, line: bytes(line), partial: false },
      });
      yield entry("stdout", "one");
      yield entry("stderr", "bad");
      if (ask++ > 0) yield entry("stdout", "two");
    }
    const session: ExecSession = {
      write: async () => {},
      endInput() {},
      stdout: chunks("two\n"),
      stderr: chunks(),
      exitCode: Promise.resolve(0),
    };
    const whole = withEarlierOutput(session, log, systemClock);
    expect(await Promise.all([textOf(whole.stdout), textOf(whole.stderr)])).toEqual(["one\ntwo\n", "bad\n"]);
  });

  it("does not hold up more than fits", async () => {
    const large = "x".repeat(700_000);
    async function* log(): AsyncIterable<LogEntry> {}
    const session: ExecSession = {
      write: async () => {},
      endInput() {},
      stdout: chunks(large, large, large),
      stderr: chunks(),
      exitCode: Promise.resolve(0),
    };
    expect((await textOf(withEarlierOutput(session, log, systemClock).stdout)).length).toBe(2_100_000);
  });
});

async function* chunks(...texts: readonly string[]): AsyncIterable<Uint8Array> {
  for (const text of texts) yield bytes(text);
}

async function textOf(stream: AsyncIterable<Uint8Array>): Promise<string> {
  const found: Uint8Array[] = [];
  for await (const chunk of stream) found.push(chunk);
  return Buffer.concat(found).toString();
}
