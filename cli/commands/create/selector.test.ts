import { selectorFrom } from "./selector.js";

it.each([
  ["app=web", { matchLabels: { app: "web" } }],
  ["app==web, tier=front", { matchLabels: { app: "web", tier: "front" } }],
  ["app!=web", { matchExpressions: [{ key: "app", operator: "NotIn", values: ["web"] }] }],
  [
    "app in (a, b),x",
    {
      matchExpressions: [
        { key: "app", operator: "In", values: ["a", "b"] },
        { key: "x", operator: "Exists" },
      ],
    },
  ],
  ["!old", { matchExpressions: [{ key: "old", operator: "DoesNotExist" }] }],
])("%s is %j", (written, expected) => {
  expect(selectorFrom(written)).toEqual(expected);
});

it.each(["a=b=c", "a in b", "a b"])("%s is none", (written) => {
  expect(() => selectorFrom(written)).toThrow("couldn't parse the selector string");
});
