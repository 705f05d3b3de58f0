import { nextAddress, rangeOf } from "./addresses.js";

it("a range gives its first address to the node and the others to pods", () => {
  const range = rangeOf("127.64.3.0/24");
  expect([range.node, range.at(0), range.at(range.size - 1), range.size]).toEqual([
    "127.64.3.1",
    "127.64.3.2",
    "127.64.3.254",
    253,
  ]);
});

it.each(["127.64.0.0", "127.64.0.0/33", "300.0.0.0/24", "::1/64", ""])("%j is no range", (text) => {
  expect(() => rangeOf(text)).toThrow();
});

it("addresses go round before one is used again", () => {
  const range = rangeOf("10.0.0.0/30");
  expect(range.size).toBe(1);
  expect(nextAddress(range, new Set(), 5)?.address).toBe("10.0.0.2");
  expect(nextAddress(range, new Set(["10.0.0.2"]), 0)).toBeUndefined();
  const wide = rangeOf("10.0.0.0/24");
  expect(nextAddress(wide, new Set(["10.0.0.5"]), 3)).toEqual({ address: "10.0.0.6", index: 4 });
});
