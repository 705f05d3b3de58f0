import type { Clock } from "../../../base/clock.js";
import { Commits, commitTimeoutMs } from "./commits.js";
import { History } from "./history.js";

/** A clock of which the test runs each timer by hand. */
class SteppedClock implements Clock {
  readonly timers = new Set<() => void>();
  now = (): number => 0;
  monotonic = (): number => 0;
  after(_delayMs: number, task: () => void): { cancel(): void } {
    const timer = (): void => {
      this.timers.delete(timer);
      task();
    };
    this.timers.add(timer);
    return { cancel: () => void this.timers.delete(timer) };
  }
  sleep = (): Promise<void> => Promise.resolve();
  step(): void {
    for (const timer of [...this.timers]) timer();
  }
}
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe("the watch over commits", () => {
  const hanging = (): { readonly clock: SteppedClock; readonly fatal: Error[]; readonly commits: Commits } => {
    const clock = new SteppedClock();
    const fatal: Error[] = [];
    const commits = new Commits({
      journal: { commit: () => new Promise(() => undefined), close: async () => undefined },
      diskClock: clock,
      compacted: () => 1,
      onCommitted: () => undefined,
      onFatal: (error) => fatal.push(error),
    });
    commits.add(
      new History().append("/a", Buffer.from("1"), 0),
      () => undefined,
      () => undefined,
    );
    return { clock, fatal, commits };
  };

  it("gives a commit up when the event loop has lived through the time", async () => {
    const { clock, fatal, commits } = hanging();
    await turn();
    for (let step = 0; step < commitTimeoutMs / 250; step++) clock.step();
    expect(fatal).toHaveLength(1);
    expect(commits.failure).toBe(fatal[0]);
    expect(clock.timers.size).toBe(0);
  });

  it("does not take one late timer, as after a sleep of the machine, for a dead disk", async () => {
    const { clock, fatal } = hanging();
    await turn();
    clock.step();
    expect(fatal).toEqual([]);
    expect(clock.timers.size).toBe(1);
  });
});
