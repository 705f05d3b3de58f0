import { type Logger, silentLog } from "./log.js";
import { Recurring } from "./recurring.js";
import { VirtualClock } from "./virtual-clock.js";

describe("work that recurs", () => {
  const begin = (work: (signal: AbortSignal) => Promise<void>) => {
    const clock = new VirtualClock();
    const told: unknown[] = [];
    const log: Logger = { ...silentLog, warn: (text, fields) => void told.push([text, fields?.error]) };
    return { clock, told, recurring: new Recurring(work, { failure: "not done", everyMs: 1_000, clock, log }) };
  };

  it("is done at once and whenever its time has come, until it is stopped", async () => {
    let done = 0;
    const { clock, recurring } = begin(async () => void done++);
    await clock.advance(0);
    expect(done).toBe(1);
    await clock.advance(2_500);
    expect(done).toBe(3);
    await recurring.stop();
    await clock.advance(10_000);
    expect(done).toBe(3);
  });

  it("goes on after it failed, and tells each reason once in a row", async () => {
    const outcomes = ["away", "away", "full", undefined, "full"];
    const { clock, told, recurring } = begin(async () => {
      const why = outcomes.shift();
      if (why !== undefined) throw new Error(why);
    });
    await clock.advance(10_000);
    expect(told).toEqual(["away", "full", "full"].map((why) => ["not done", why]));
    await recurring.stop();
  });

  it("is waited for when it is stopped, and what fails because of that is not told", async () => {
    let ended = false;
    const { clock, told, recurring } = begin(async (signal) => {
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
      ended = true;
      throw new Error("stopped");
    });
    await clock.advance(0);
    await recurring.stop();
    expect([ended, told]).toEqual([true, []]);
  });
});
