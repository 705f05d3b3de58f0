import fc from "fast-check";
import { changedPaths } from "./changed-paths.js";
import { equal } from "./equal.js";

test("paths lead to what differs, and no further than both have the same shape", () => {
  const before = { a: 1, list: [{ x: 1 }, { x: 2 }], gone: true, other: [1] };
  const after = { a: 1, list: [{ x: 1 }, { x: 3 }], other: [1, 2], ["__proto__"]: 1 };
  expect(changedPaths(before, after, 10)).toEqual(["list[1].x", "gone", "other", "__proto__"]);
  expect(changedPaths(before, after, 2)).toHaveLength(2);
  expect(changedPaths(1, 2, 2)).toEqual([""]);
});

test("there are none exactly where the values are equal", () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.jsonValue(), (one, other) => {
      expect(changedPaths(one, one, 5)).toEqual([]);
      expect(changedPaths(one, other, 5).length === 0).toBe(equal(one, other));
    }),
  );
});
