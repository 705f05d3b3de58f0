import fc from "fast-check";
import { compareQuantity } from "../../../apimachinery/quantity.js";
import { parseThresholds } from "../eviction/threshold.js";
import { allocatableOf } from "./allocatable.js";
import { hardThresholds } from "./settings.js";

const capacity = { cpu: "4", memory: "8Gi", "ephemeral-storage": "100Gi", pods: "110", "hugepages-2Mi": "0" };
const none = { kubeReserved: {}, systemReserved: {}, thresholds: [] };

describe("what pods may use", () => {
  it("is everything where nothing is kept back", () => {
    expect(allocatableOf(capacity, none)).toEqual(capacity);
  });

  it("is less what is reserved and what hard thresholds keep free", () => {
    const thresholds = [
      ...hardThresholds(parseThresholds("memory.available<100Mi,nodefs.available<10%")),
      { signal: "memory.available" as const, below: { value: 2 ** 31, text: "2Gi" }, graceMs: 1_000 },
    ];
    expect(
      allocatableOf(capacity, {
        kubeReserved: { cpu: "250m", memory: "1Gi" },
        systemReserved: { cpu: "250m", "ephemeral-storage": "10Gi" },
        thresholds,
      }),
    ).toEqual({ ...capacity, cpu: "3500m", memory: "7068Mi", "ephemeral-storage": "80Gi" });
  });

  it("is memory without huge pages", () => {
    expect(allocatableOf({ ...capacity, "hugepages-2Mi": "1Gi" }, none)).toMatchObject({
      memory: "7Gi",
      "hugepages-2Mi": "1Gi",
    });
  });

  it("is never less than nothing, nor more than all", () => {
    fc.assert(
      fc.property(fc.nat(200), fc.nat(200), fc.nat(100), (kube, system, percent) => {
        const { memory } = allocatableOf(capacity, {
          kubeReserved: { memory: `${kube * 100}Mi` },
          systemReserved: { memory: `${system * 100}Mi` },
          thresholds: hardThresholds(parseThresholds(`memory.available<${percent}%`)),
        });
        expect(compareQuantity(memory ?? "-1", "0")).toBeGreaterThanOrEqual(0);
        expect(compareQuantity(memory ?? "9Gi", "8Gi")).toBeLessThanOrEqual(0);
      }),
    );
  });
});
