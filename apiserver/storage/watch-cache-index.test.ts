import fc from "fast-check";
import { History, historyMaxAgeMs, historyMaxEvents } from "./watch-cache-history.js";
import { OrderedIndex } from "./watch-cache-index.js";

describe("the ordered index", () => {
  it("answers ranges as a sorted map would", () => {
    const key = fc.stringMatching(/^\/[ab]-?\/[abc-]{1,3}$/);
    const change = fc.record({ key, remove: fc.boolean(), value: fc.nat() });
    fc.assert(
      fc.property(
        fc.array(change, { maxLength: 60 }),
        fc.constantFrom("/a/", "/b/", "/a-/", "/"),
        (changes, prefix) => {
          const index = new OrderedIndex<{ readonly key: string; readonly value: number }>();
          const model = new Map<string, number>();
          for (const { key, remove, value } of changes) {
            if (remove) {
              index.delete(key);
              model.delete(key);
            } else {
              index.set({ key, value });
              model.set(key, value);
            }
          }
          const expected = [...model].filter(([key]) => key.startsWith(prefix)).sort(([a], [b]) => (a < b ? -1 : 1));
          expect(index.range(prefix).map(({ key, value }) => [key, value])).toEqual(expected);
          expect(index.size).toBe(model.size);
          for (const [key, value] of model) expect(index.get(key)?.value).toBe(value);
        },
      ),
    );
  });
});

describe("the history", () => {
  const event = (revision: number, atMs = 0) => ({
    revision,
    atMs,
    current: undefined,
    previous: undefined,
    resumeAt: 0,
  });

  it("gives what came after a revision", () => {
    const history = new History(10);
    for (const revision of [12, 15, 20]) history.push(event(revision));
    expect(history.floor).toBe(10);
    expect(history.after(10).map(({ revision }) => revision)).toEqual([12, 15, 20]);
    expect(history.after(15).map(({ revision }) => revision)).toEqual([20]);
    expect(history.after(20)).toEqual([]);
  });

  it("forgets the oldest beyond its bound, and says from where it still knows everything", () => {
    const history = new History(0);
    for (let revision = 1; revision <= historyMaxEvents * 3; revision++) history.push(event(revision));
    expect(history.floor).toBe(historyMaxEvents * 2);
    expect(history.after(history.floor)).toHaveLength(historyMaxEvents);
    expect(history.after(history.floor)[0]?.revision).toBe(history.floor + 1);
  });

  it("forgets what is old", () => {
    const history = new History(0);
    history.push(event(5, 0));
    history.push(event(7, 1_000));
    history.trim(historyMaxAgeMs + 500);
    expect(history.floor).toBe(5);
    expect(history.after(5).map(({ revision }) => revision)).toEqual([7]);
  });
});
