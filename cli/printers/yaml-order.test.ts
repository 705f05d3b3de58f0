import { compareYamlKeys } from "./yaml-order.js";

it.each([
  [
    ["k10", "k2", "k1", "k"],
    ["k", "k1", "k2", "k10"],
  ],
  [
    ["k16", "k1005", "k105", "k15"],
    ["k15", "k16", "k105", "k1005"],
  ],
  [
    ["ab", "a.b", "a-b", "a1", "aB"],
    ["a-b", "a.b", "a1", "aB", "ab"],
  ],
  [
    ["b", "A", "a", "B", "_"],
    ["_", "A", "B", "a", "b"],
  ],
  [
    ["x01", "x1", "x10", "x09"],
    ["x1", "x01", "x09", "x10"],
  ],
])("%j is put in order as %j", (keys, ordered) => {
  expect(keys.toSorted(compareYamlKeys)).toEqual(ordered);
});
