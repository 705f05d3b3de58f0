import fc from "fast-check";
import { VirtualClock } from "../../../base/virtual-clock.js";
import { Expiry } from "./expiry.js";

it("everything expires once, in order of time and not before it", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 300_000 }), { maxLength: 60 }), async (delays) => {
      const clock = new VirtualClock();
      const expired: [string, number][] = [];
      const expiry = new Expiry(clock, ({ key, expiresAtMs }) => {
        expect(clock.now()).toBeGreaterThanOrEqual(expiresAtMs);
        expect(clock.now() - expiresAtMs).toBeLessThanOrEqual(1);
        expired.push([key, expiresAtMs]);
      });
      const items = delays.map((delay, n) => ({ key: `${n}`, revision: n, expiresAtMs: clock.now() + delay }));
      for (const item of items) expiry.add(item);
      await clock.advance(300_001);
      expect(expired.map(([, atMs]) => atMs)).toEqual(items.map((item) => item.expiresAtMs).toSorted((a, b) => a - b));
      expect(new Set(expired.map(([key]) => key)).size).toBe(items.length);
      expiry.close();
    }),
    { numRuns: 30 },
  );
});

it("nothing expires after it is closed", async () => {
  const clock = new VirtualClock();
  const expired: unknown[] = [];
  const expiry = new Expiry(clock, (due) => expired.push(due));
  expiry.add({ key: "a", revision: 1, expiresAtMs: clock.now() + 10 });
  expiry.close();
  await clock.advance(1_000);
  expect(expired).toEqual([]);
});

it("a key that was written again goes at its new time, once", async () => {
  const clock = new VirtualClock();
  const expired: number[] = [];
  const expiry = new Expiry(clock, ({ revision }) => expired.push(revision));
  expiry.add({ key: "a", revision: 1, expiresAtMs: clock.now() + 1_000 });
  expiry.add({ key: "a", revision: 2, expiresAtMs: clock.now() + 5_000 });
  await clock.advance(4_000);
  expect(expired).toEqual([]);
  await clock.advance(2_000);
  expect(expired).toEqual([2]);
  expiry.close();
});
