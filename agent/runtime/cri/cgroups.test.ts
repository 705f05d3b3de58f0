import fc from "fast-check";
import { podCgroup, podSlice, settingsFor } from "./cgroups.js";
import { linuxResources, quotaOf, sharesOf, weightOf } from "./resources.js";

describe("cgroups of pods", () => {
  it("lie by class of service", () => {
    expect(podCgroup("u-1", "Guaranteed")).toBe("/kubepods/podu-1");
    expect(podCgroup("u-1", "Burstable")).toBe("/kubepods/burstable/podu-1");
    expect(podCgroup("u-1", "BestEffort")).toBe("/kubepods/besteffort/podu-1");
    expect(podSlice("u-1", "Burstable")).toBe("kubepods-burstable-podu_1.slice");
    expect(podSlice("u-1", "Guaranteed")).toBe("kubepods-podu_1.slice");
  });

  it.each([
    ["v1", {}, { "cpu.shares": "2" }],
    [
      "v1",
      { cpuRequestMilli: 500, cpuLimitMilli: 1500, memoryLimitBytes: 4096 },
      {
        "cpu.shares": "512",
        "cpu.cfs_period_us": "100000",
        "cpu.cfs_quota_us": "150000",
        "memory.limit_in_bytes": "4096",
      },
    ],
    [
      "v2",
      { cpuRequestMilli: 1000, cpuLimitMilli: 250, memoryLimitBytes: 4096 },
      { "cpu.weight": "39", "cpu.max": "25000 100000", "memory.max": "4096" },
    ],
  ] as const)("%s: %j", (version, resources, files) => {
    expect(Object.fromEntries(settingsFor(version, resources).map(({ file, value }) => [file, value]))).toEqual(files);
  });

  it("take no value that the kernel refuses", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10_000_000 }), (milli) => {
        expect(sharesOf(milli)).toBeGreaterThanOrEqual(2);
        expect(sharesOf(milli)).toBeLessThanOrEqual(262_144);
        expect(weightOf(sharesOf(milli))).toBeGreaterThanOrEqual(1);
        expect(weightOf(sharesOf(milli))).toBeLessThanOrEqual(10_000);
        expect(quotaOf(milli)).toBeGreaterThanOrEqual(1000);
        expect(sharesOf(milli + 1000)).toBeGreaterThanOrEqual(sharesOf(milli));
      }),
    );
  });

  it("of containers that ask for nothing have the least weight and no limits", () => {
    expect(linuxResources({})).toEqual({ cpuShares: 2 });
    expect(linuxResources({ cpuLimitMilli: 2000, memoryLimitBytes: 1, oomScoreAdj: -997 })).toEqual({
      ...{ cpuShares: 2048, cpuPeriod: 100_000, cpuQuota: 200_000, memoryLimitInBytes: 1, oomScoreAdj: -997 },
    });
  });
});
