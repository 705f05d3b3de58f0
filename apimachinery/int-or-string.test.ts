import fc from "fast-check";
import { atMostWholeErrors, intOrPercentErrors, percentOf, resolveIntOrPercent } from "./int-or-string.js";

describe("counts and percentages", () => {
  it("rounds a surge up and an unavailability down", () => {
    expect(resolveIntOrPercent("25%", 10, "up")).toBe(3);
    expect(resolveIntOrPercent("25%", 10, "down")).toBe(2);
    expect(resolveIntOrPercent(4, 10, "up")).toBe(4);
  });

  it("does not take other text for a percentage", () => {
    expect(resolveIntOrPercent("25", 10, "up")).toBeUndefined();
    expect(percentOf("-1%")).toBeUndefined();
    expect(intOrPercentErrors("half")[0]).toMatch(/^a valid percent string must be .*\(e\.g\. '1%', {2}or '93%', /);
  });

  it("wants counts of at least zero and, where said, no more than the whole", () => {
    expect(intOrPercentErrors(-1)).toEqual(["must be greater than or equal to 0"]);
    expect(intOrPercentErrors(0)).toEqual([]);
    expect(atMostWholeErrors("101%")).toEqual(["must not be greater than 100%"]);
    expect(atMostWholeErrors("100%")).toEqual([]);
  });

  it("stays within one of the exact share, on the side asked for", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 200 }), fc.integer({ min: 0, max: 10_000 }), (share, total) => {
        const up = resolveIntOrPercent(`${share}%`, total, "up") ?? -1;
        const down = resolveIntOrPercent(`${share}%`, total, "down") ?? -1;
        expect(up * 100).toBeGreaterThanOrEqual(share * total);
        expect(down * 100).toBeLessThanOrEqual(share * total);
        expect(up - down).toBeLessThanOrEqual(1);
      }),
    );
  });
});
