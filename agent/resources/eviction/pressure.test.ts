import fc from "fast-check";
import { decidePressure, nothingSeen, type PressureMemory } from "./pressure.js";
import { type Signal, signals, type Threshold } from "./threshold.js";

const gi = 1024 ** 3;
const hard: Threshold = { signal: "memory.available", below: { value: gi, text: "1Gi" }, graceMs: 0 };
const soft: Threshold = { signal: "memory.available", below: { share: 0.5 }, graceMs: 60_000 };
const disk: Threshold = { signal: "nodefs.available", below: { share: 0.1 }, graceMs: 0 };
const of = (signal: Signal, available: number) => ({ signal, available, capacity: 10 * gi });
const transitionMs = 300_000;

describe("pressure", () => {
  const decide = (
    thresholds: readonly Threshold[],
    available: number,
    nowMs: number,
    before: PressureMemory = nothingSeen,
  ) => decidePressure(thresholds, [of("memory.available", available)], before, { nowMs, transitionMs });

  it("is none while enough is free, and none of what is not observed", () => {
    const { pressure, act } = decide([hard, disk], 2 * gi, 0);
    expect(pressure).toEqual({ memory: false, disk: false, pids: false });
    expect(act).toBeUndefined();
  });

  it("acts at once below a hard threshold", () => {
    const { pressure, act } = decide([hard], gi - 1, 0);
    expect(pressure.memory).toBe(true);
    expect(act?.threshold).toBe(hard);
  });

  it("shows below a soft threshold at once, and acts when its grace is over", () => {
    const first = decide([soft], 4 * gi, 1_000);
    expect(first.pressure.memory).toBe(true);
    expect(first.act).toBeUndefined();
    const between = decide([soft], 4 * gi, 60_000, first.memory);
    expect(between.act).toBeUndefined();
    expect(decide([soft], 4 * gi, 61_000, between.memory).act?.threshold).toBe(soft);
  });

  it("counts a grace anew when the threshold was not met meanwhile", () => {
    const first = decide([soft], 4 * gi, 0);
    const free = decide([soft], 6 * gi, 30_000, first.memory);
    const again = decide([soft], 4 * gi, 61_000, free.memory);
    expect(again.act).toBeUndefined();
  });

  it("stays met until the minimum reclaim is free too", () => {
    const greedy = { ...hard, minimumReclaim: { value: gi, text: "1Gi" } };
    const first = decide([greedy], gi - 1, 0);
    const more = decide([greedy], 1.5 * gi, 1_000, first.memory);
    expect(more.act?.threshold).toBe(greedy);
    const enough = decide([greedy], 2 * gi, 2_000, more.memory);
    expect(enough.act).toBeUndefined();
    expect(decide([greedy], 1.5 * gi, 3_000, enough.memory).act).toBeUndefined();
  });

  it("outlasts its threshold by the transition period", () => {
    const first = decide([hard], gi - 1, 0);
    const after = decide([hard], 5 * gi, transitionMs - 1, first.memory);
    expect(after.pressure.memory).toBe(true);
    expect(after.act).toBeUndefined();
    expect(decide([hard], 5 * gi, transitionMs, after.memory).pressure.memory).toBe(false);
  });

  it("of memory goes before that of the disk, and hard before soft", () => {
    const both = [of("nodefs.available", 0), of("memory.available", 0)];
    const options = { nowMs: 0, transitionMs };
    const late = { ...nothingSeen, metSinceMs: new Map([["memory.available/soft", -1e9]]) };
    expect(decidePressure([disk, soft, hard], both, late, options).act?.threshold).toBe(hard);
    expect(decidePressure([disk, soft], both, late, options).act?.threshold).toBe(soft);
  });

  it("never acts on a threshold that is not met or whose grace is not over, and always shows what is met", () => {
    const threshold = fc.record({
      signal: fc.constantFrom(...signals),
      below: fc.oneof(
        fc.record({ share: fc.double({ min: 0, max: 1, noNaN: true }) }),
        fc.nat(100).map((value) => ({ value, text: String(value) })),
      ),
      graceMs: fc.constantFrom(0, 5, 20),
    });
    const look = fc.record({ afterMs: fc.nat(10), left: fc.array(fc.nat(100), { minLength: 6, maxLength: 6 }) });
    fc.assert(
      fc.property(
        fc.uniqueArray(threshold, { maxLength: 6, selector: ({ signal, graceMs }) => `${signal}/${graceMs === 0}` }),
        fc.array(look, { maxLength: 12 }),
        (thresholds, looks) => {
          let memory = nothingSeen;
          let nowMs = 0;
          const since = new Map<string, number>();
          for (const { afterMs, left } of looks) {
            nowMs += afterMs;
            const observations = signals.map((signal, at) => ({ signal, available: left[at] ?? 0, capacity: 100 }));
            const decision = decidePressure(thresholds, observations, memory, { nowMs, transitionMs: 15 });
            for (const { signal, below, graceMs } of thresholds) {
              const available = observations.find((one) => one.signal === signal)?.available ?? 0;
              const isLow = available < ("share" in below ? Math.floor(below.share * 100) : below.value);
              const key = `${signal}/${graceMs}`;
              if (!isLow) since.delete(key);
              else if (!since.has(key)) since.set(key, nowMs);
              if (isLow && signal === "memory.available") expect(decision.pressure.memory).toBe(true);
            }
            if (decision.act) {
              const { signal, graceMs } = decision.act.threshold;
              expect(nowMs - (since.get(`${signal}/${graceMs}`) ?? nowMs + 1)).toBeGreaterThanOrEqual(graceMs);
            } else expect([...since].every(([key, ms]) => nowMs - ms < Number(key.split("/")[1]))).toBe(true);
            memory = decision.memory;
          }
        },
      ),
    );
  });
});
