import { amountOf, parseReclaims, parseThresholds } from "./threshold.js";

describe("thresholds", () => {
  it("are amounts or shares, by signal", () => {
    const found = parseThresholds("memory.available<100Mi,nodefs.available<12.5%");
    expect([...found].map(([signal, amount]) => [signal, amountOf(amount, 1000)])).toEqual([
      ["memory.available", 100 * 1024 * 1024],
      ["nodefs.available", 125],
    ]);
    expect([...parseReclaims("memory.available=1Gi").keys()]).toEqual(["memory.available"]);
  });

  it("are off at 0% and 100%, and all of them by an empty text", () => {
    expect(parseThresholds("nodefs.available<0%,imagefs.available<100%").size).toBe(0);
    expect(parseThresholds("").size).toBe(0);
  });

  it.each([
    ["memory.available>1Gi", '"memory.available>1Gi" is not of the form SIGNAL<AMOUNT'],
    ["memory.free<1Gi", 'unknown signal "memory.free"'],
    ["memory.available<lots", '"lots" is neither an amount'],
    ["memory.available<120%", "120% is more than 100%"],
    ["memory.available<-1", "-1 is negative"],
    ["memory.available<1Gi,memory.available<2Gi", "memory.available is given twice"],
  ])("%s is refused", (text, message) => {
    expect(() => parseThresholds(text)).toThrow(message);
  });
});
