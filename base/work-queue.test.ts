import fc from "fast-check";
import { backoffMs } from "./backoff.js";
import { equal } from "./equal.js";
import { seededRandom } from "./random.js";
import { VirtualClock } from "./virtual-clock.js";
import { WorkQueue } from "./work-queue.js";

const open = (): { clock: VirtualClock; queue: WorkQueue } => {
  const clock = new VirtualClock();
  return { clock, queue: new WorkQueue({ clock }) };
};

test("a key added twice is taken once, in the order of its first adding", async () => {
  const { queue } = open();
  for (const key of ["a", "b", "a"]) queue.add(key);
  expect(queue.length).toBe(2);
  expect(await queue.take()).toBe("a");
  expect(await queue.take()).toBe("b");
  expect(queue.length).toBe(0);
});

test("a key added while it is worked on comes again when that is done, not before", async () => {
  const { queue } = open();
  queue.add("a");
  await queue.take();
  queue.add("a");
  queue.add("a");
  expect(queue.length).toBe(0);
  queue.done("a");
  expect(queue.length).toBe(1);
  expect(await queue.take()).toBe("a");
  queue.done("a");
  expect(queue.length).toBe(0);
});

test("of several delays the soonest counts", async () => {
  const { clock, queue } = open();
  queue.addAfter("a", 500);
  queue.addAfter("a", 100);
  queue.addAfter("a", 900);
  await clock.advance(99);
  expect(queue.length).toBe(0);
  await clock.advance(1);
  expect(queue.length).toBe(1);
  await queue.take();
  queue.done("a");
  await clock.advance(2000);
  expect(queue.length).toBe(0);
});

test("a key that fails waits twice as long each time, up to a bound, until it is forgotten", () => {
  const { queue } = open();
  const delays = Array.from({ length: 30 }, () => queue.addRateLimited("a"));
  expect(delays.slice(0, 4)).toEqual([5, 10, 20, 40]);
  expect(delays.at(-1)).toBe(1_000_000);
  expect(queue.addRateLimited("b")).toBe(5);
  queue.forget("a");
  expect(queue.failures("a")).toBe(0);
  expect(queue.addRateLimited("a")).toBe(5);
});

test("closing releases who waits, and takes nothing more in", async () => {
  const { clock, queue } = open();
  const waiting = queue.take();
  queue.addAfter("a", 10);
  queue.close();
  queue.add("b");
  await clock.advance(100);
  expect(await waiting).toBeUndefined();
  expect(await queue.take()).toBeUndefined();
});

test("whatever is added in whatever order, one worker at a time has a key and none is lost", async () => {
  const act = fc.record({ key: fc.constantFrom("a", "b", "c"), delay: fc.constantFrom(0, 3, 10) });
  await fc.assert(
    fc.asyncProperty(fc.array(act, { maxLength: 40 }), async (acts) => {
      const { clock, queue } = open();
      const busy = new Set<string>();
      const lastAdded = new Map<string, number>();
      const lastTaken = new Map<string, number>();
      let time = 0;
      const work = async (): Promise<void> => {
        for (let key = await queue.take(); key !== undefined; key = await queue.take()) {
          expect(busy.has(key)).toBe(false);
          busy.add(key);
          lastTaken.set(key, time++);
          await clock.sleep(2);
          busy.delete(key);
          queue.done(key);
        }
      };
      const workers = [work(), work()];
      for (const { key, delay } of acts) {
        queue.addAfter(key, delay);
        lastAdded.set(key, time++);
        if (delay > 0) await clock.advance(1);
      }
      await clock.advance(1000);
      for (const [key, added] of lastAdded) expect(lastTaken.get(key) ?? -1).toBeGreaterThanOrEqual(added - 1);
      expect(queue.length + busy.size).toBe(0);
      queue.close();
      await Promise.all(workers);
    }),
    { numRuns: 50 },
  );
});

test("jitter lengthens a delay by its share at most", () => {
  const random = seededRandom(1);
  for (let failures = 1; failures < 20; failures++) {
    const plain = backoffMs({ baseMs: 10, maxMs: 1000 }, failures);
    const drawn = backoffMs({ baseMs: 10, maxMs: 1000, jitter: 0.5 }, failures, random);
    expect(drawn).toBeGreaterThanOrEqual(plain);
    expect(drawn).toBeLessThanOrEqual(plain * 1.5);
  }
});

test("equal looks at meaning: key order and undefined fields make no difference, everything else does", () => {
  expect(equal({ a: 1, b: { c: [1, "x"] }, d: undefined }, { b: { c: [1, "x"] }, a: 1 })).toBe(true);
  for (const other of [{ a: 2 }, { a: "1" }, { a: null }, {}, { a: 1, b: 2 }, [1], null, "a"]) {
    expect(equal({ a: 1 }, other)).toBe(false);
  }
  expect(equal([1, 2], [2, 1])).toBe(false);
  expect(equal({ toString: 1 }, {})).toBe(false);
});
