import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import fc from "fast-check";
import { silentLog } from "../../../base/log.js";
import { VirtualClock } from "../../../base/virtual-clock.js";
import { type ExecCaller, ExecOrphans, orphansOf } from "./exec-orphans.js";

const gone = (askedAtMs: number): ExecCaller => ({ askedAtMs, isGone: true });
const waits = (askedAtMs: number): ExecCaller => ({ askedAtMs, isGone: false });
const program = (execId: string, startedAtMs: number) => ({ execId, startedAtMs });
const ended = (programs: Parameters<typeof orphansOf>[0], callers: readonly ExecCaller[]): readonly string[] => [
  ...orphansOf(programs, callers).values(),
];

describe("a program beside a container's own", () => {
  it("ends when who asked for it has gone, and only then", () => {
    expect(ended([program("a", 1_080)], [gone(1_000)])).toEqual(["a"]);
    expect(ended([program("a", 1_080)], [waits(1_000)])).toEqual([]);
  });

  it("of others goes on: what began before, long after, or for a later caller", () => {
    expect(ended([program("before", 500), program("after", 60_000)], [gone(1_000)])).toEqual([]);
    expect(ended([program("a", 1_080), program("b", 3_080)], [gone(1_000), waits(3_000)])).toEqual(["a"]);
    expect(ended([program("b", 3_080)], [gone(1_000), waits(3_000)])).toEqual([]);
  });

  it("goes on while it may be that of one who waits, and ends once that one's has ended", () => {
    const programs = [program("a", 1_080), program("b", 1_090)];
    expect(ended(programs, [gone(1_000), waits(1_010)])).toEqual([]);
    const later = [program("a", 1_080), program("b", 1_590)];
    expect(ended(later, [waits(1_000), gone(1_500)])).toEqual(["b"]);
    expect(ended([program("a", 1_080)], [gone(1_000)])).toEqual(["a"]);
  });

  it("of another tool goes on when it begins later than soon after one who has gone asked", () => {
    expect(ended([program("other's", 9_000)], [gone(1_000)])).toEqual([]);
    const others = [program("his", 1_600), program("other's", 31_200)];
    expect(ended(others, [gone(1_000), waits(1_500)])).toEqual([]);
  });

  it("is one for each caller", () => {
    const programs = [program("a", 1_080), program("b", 1_090), program("c", 1_100)];
    expect(ended(programs, [gone(1_000), gone(1_010)])).toEqual(["a", "b"]);
  });

  it("never ends while the one who asked for it waits, whoever else has gone", () => {
    const run = fc.record({ askedAtMs: fc.nat(60_000), tookMs: fc.nat(25_000), isGone: fc.boolean() });
    fc.assert(
      fc.property(fc.array(run, { maxLength: 12 }), (runs) => {
        const programs = runs.map(({ askedAtMs, tookMs }, index) => program(String(index), askedAtMs + tookMs));
        const theirs = runs.flatMap(({ isGone }, index) => (isGone ? [] : [String(index)]));
        expect(ended(programs, runs).filter((execId) => theirs.includes(execId))).toEqual([]);
      }),
    );
  });
});

describe("programs whose caller has gone", () => {
  const children: ChildProcess[] = [];
  afterEach(() => {
    for (const child of children.splice(0)) child.kill("SIGKILL");
  });

  const begin = () => {
    const clock = new VirtualClock();
    const started = new Map<number, number>();
    let failures = 0;
    const execPrograms = async () => {
      if (failures-- > 0) throw new Error("deadline exceeded");
      return [...started.keys()].map((pid) => ({ execId: String(pid), pid }));
    };
    const service = { execPrograms, killExec: async () => {} };
    const agoMs = (pid: number) => clock.monotonic() - (started.get(pid) ?? 0);
    const orphans = new ExecOrphans({ service, clock, log: silentLog, agoMs });
    const start = async (): Promise<ChildProcess> => {
      const child = spawn("sleep", ["600"], { stdio: "ignore" });
      children.push(child);
      await once(child, "spawn");
      started.set(child.pid ?? 0, clock.monotonic());
      return child;
    };
    /** How it has ended: by us, where it had not by then. */
    const endOf = async (child: ChildProcess): Promise<unknown> => {
      const isOver = child.exitCode !== null || child.signalCode !== null;
      const ended = isOver ? undefined : once(child, "exit");
      child.kill("SIGTERM");
      await ended;
      return child.signalCode;
    };
    const fails = (times: number): void => {
      failures = times;
    };
    return { clock, orphans, start, endOf, fails };
  };

  it("end soon, whoever went before and left none, and whatever the runtime could not tell at first", async () => {
    const { clock, orphans, start, endOf, fails } = begin();
    orphans.asked("c")(true);
    await clock.advance(10_000);
    const over = orphans.asked("c");
    await clock.advance(4_000);
    const child = await start();
    fails(1);
    over(true);
    await clock.advance(500);
    expect(await endOf(child)).toBe("SIGKILL");
  });

  it("end though one who left none went shortly before another who waits, whose program goes on", async () => {
    const { clock, orphans, start, endOf } = begin();
    orphans.asked("c")(true);
    await clock.advance(10_000);
    orphans.asked("c");
    await clock.advance(2_000);
    const waited = await start();
    await clock.advance(1_000);
    const over = orphans.asked("c");
    await clock.advance(2_000);
    const left = await start();
    over(true);
    await clock.advance(45_000);
    expect([await endOf(left), await endOf(waited)]).toEqual(["SIGKILL", "SIGTERM"]);
  });
});
