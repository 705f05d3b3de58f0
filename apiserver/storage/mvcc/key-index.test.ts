import fc from "fast-check";
import { compareKeys, KeyIndex } from "./key-index.js";

const collect = (index: KeyIndex<{ readonly key: string }>, prefix = "", after?: string): readonly string[] => {
  const found: string[] = [];
  index.scan(prefix, after, ({ key }) => {
    found.push(key);
    return true;
  });
  return found;
};
const inByteOrder = (keys: Iterable<string>): string[] =>
  [...keys].toSorted((left, right) => Buffer.compare(Buffer.from(left), Buffer.from(right)));

describe("a key index", () => {
  it("orders keys as their bytes", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.string({ unit: "binary" }), (left, right) => {
        expect(Math.sign(compareKeys(left, right))).toBe(Buffer.compare(Buffer.from(left), Buffer.from(right)));
      }),
      { numRuns: 500 },
    );
  });

  it("finds what a sorted set would, whatever was added and removed", () => {
    const key = fc.string({ unit: fc.constantFrom("a", "b", "/", "\u{1f600}", "\uffee"), maxLength: 4 });
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.boolean(), key)), key, key, (steps, prefix, after) => {
        const index = new KeyIndex<{ readonly key: string }>();
        const model = new Set<string>();
        for (const [add, name] of steps) {
          if (!add) index.remove(name);
          else if (!model.has(name)) index.add({ key: name });
          if (add) model.add(name);
          else model.delete(name);
        }
        const expected = inByteOrder(model).filter((name) => name.startsWith(prefix));
        expect(collect(index, prefix)).toEqual(expected);
        expect(collect(index, prefix, after)).toEqual(expected.filter((name) => compareKeys(name, after) > 0));
        expect(index.size).toBe(model.size);
      }),
    );
  });

  it.each([
    ["in order", (n: number) => n],
    ["in reverse", (n: number) => -n],
    ["mixed", (n: number) => (n * 7_919) % 10_007],
  ])("splits and empties its chunks: keys that come %s", (_, order) => {
    const names = Array.from({ length: 10_000 }, (_, n) => `k${10_000 + n}`).toSorted(
      (left, right) => order(Number(left.slice(1))) - order(Number(right.slice(1))),
    );
    const index = new KeyIndex<{ readonly key: string }>();
    for (const key of names) index.add({ key });
    expect(collect(index)).toEqual(names.toSorted());
    expect(collect(index, "k1234")).toHaveLength(10);
    for (const key of names.slice(0, 9_000)) index.remove(key);
    expect(collect(index)).toEqual(names.slice(9_000).toSorted());
    for (const key of names.slice(9_000)) index.remove(key);
    expect(collect(index)).toEqual([]);
  });

  it("stops when the visitor says so", () => {
    const index = new KeyIndex<{ readonly key: string }>();
    for (const key of ["a", "b", "c"]) index.add({ key });
    const found: string[] = [];
    index.scan("", undefined, ({ key }) => found.push(key) < 2);
    expect(found).toEqual(["a", "b"]);
  });
});
