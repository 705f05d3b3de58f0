import fc from "fast-check";
import { readingOf, usageBetween } from "./reading.js";

const point = (atMs: number, cpuNanoseconds: number, startedAtMs = 0) => ({
  atMs,
  startedAtMs,
  cpuNanoseconds,
  workingSetBytes: 2048,
});

describe("use between two readings", () => {
  it("is what was used over the time between them", () => {
    expect(usageBetween(point(1_000, 5e8), point(3_000, 15e8))).toEqual({
      usage: { cpu: "500000000n", memory: "2Ki" },
      atMs: 3_000,
      windowMs: 2_000,
    });
  });

  it("is that since the start for one that was not there before, or has restarted", () => {
    const restarted = point(5_000, 1e9, 4_000);
    for (const before of [undefined, point(3_000, 9e9)])
      expect(usageBetween(before, restarted)).toMatchObject({ usage: { cpu: "1000000000n" }, windowMs: 1_000 });
  });

  it("is unknown where the counter went back, or no time has passed", () => {
    expect(usageBetween(point(1_000, 5e8), point(2_000, 1e8))).toBeUndefined();
    expect(usageBetween(undefined, point(0, 1e8))).toBeUndefined();
  });
});

describe("an agent's summary", () => {
  it("is read, and what is not understood is left out", () => {
    const cpu = { time: "2026-01-01T00:00:00Z", usageCoreNanoSeconds: 5 };
    const good = { name: "main", startTime: "2026-01-01T00:00:00Z", cpu, memory: { workingSetBytes: 1 } };
    const reading = readingOf(
      {
        node: { startTime: "never", cpu, memory: {} },
        pods: [
          { podRef: { namespace: "a", name: "b", uid: "c" }, containers: [good, { ...good, name: 7 }, { cpu }, null] },
          { podRef: null, containers: "none" },
        ],
      },
      1,
    );
    expect(reading.node).toBeUndefined();
    expect([...reading.pods.keys()]).toEqual(["a/b/c"]);
    expect(reading.pods.get("a/b/c")).toHaveLength(1);
  });

  it("may be anything at all", () => {
    fc.assert(fc.property(fc.jsonValue(), (value) => void readingOf(value, 0)));
  });
});
