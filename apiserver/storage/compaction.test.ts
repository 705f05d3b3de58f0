import { VirtualClock } from "../../base/virtual-clock.js";
import { startCompaction } from "./compaction.js";

/** A store that counts a write every second and notes what it was told to forget. */
function countingStore(clock: VirtualClock): {
  readonly compacted: number[];
  failures: number;
  currentRevision(): Promise<number>;
  compact(revision: number): Promise<void>;
} {
  return {
    compacted: [],
    failures: 0,
    currentRevision: async () => 1_000 + Math.floor(clock.monotonic() / 1_000),
    async compact(revision) {
      if (this.failures-- > 0) throw new Error("no leader");
      this.compacted.push(revision);
    },
  };
}

describe("compaction", () => {
  it("keeps what is younger than it should and forgets what is older", async () => {
    const clock = new VirtualClock();
    const store = countingStore(clock);
    const controller = new AbortController();
    startCompaction(store, { clock, keepMs: 300_000, intervalMs: 30_000, signal: controller.signal });
    await clock.advance(329_000);
    expect(store.compacted).toEqual([]);
    await clock.advance(62_000);
    expect(store.compacted).toEqual([1_030, 1_060, 1_090]);
    controller.abort();
    await clock.advance(600_000);
    expect(store.compacted).toHaveLength(3);
  });

  it("goes on after a round that failed", async () => {
    const clock = new VirtualClock();
    const store = countingStore(clock);
    store.failures = 1;
    const errors: unknown[] = [];
    const controller = new AbortController();
    startCompaction(store, {
      clock,
      keepMs: 10_000,
      signal: controller.signal,
      onError: (error) => errors.push(error),
    });
    await clock.advance(14_000);
    expect(errors).toHaveLength(1);
    expect(store.compacted.length).toBeGreaterThan(1);
    controller.abort();
  });

  it("leaves a store alone in which nothing was written", async () => {
    const clock = new VirtualClock();
    const store = { ...countingStore(clock), currentRevision: async () => 7 };
    const controller = new AbortController();
    startCompaction(store, { clock, keepMs: 10_000, signal: controller.signal });
    await clock.advance(60_000);
    expect(store.compacted).toEqual([7]);
    controller.abort();
  });
});
