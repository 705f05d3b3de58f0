import { definePlugin, maxScore, skip } from "../framework.js";
import { usageOf } from "../node-info.js";

/** Prefers nodes whose shares of used processor and memory stay close to each other. */
export const balancedAllocation = definePlugin({
  name: "NodeResourcesBalancedAllocation",
  prepare: (pod) => {
    const usage = usageOf(pod);
    return usage.requests.milliCpu === 0 && usage.requests.memoryBytes === 0 ? skip : usage;
  },
  score: ({ prepared: { requests }, nodes }) =>
    nodes.map(({ requested, allocatable }) => {
      const cpu = share(requested.milliCpu + requests.milliCpu, allocatable.milliCpu);
      const memory = share(requested.memoryBytes + requests.memoryBytes, allocatable.memoryBytes);
      // With two resources the standard deviation is half of their distance.
      return Math.trunc((1 - Math.abs(cpu - memory) / 2) * maxScore);
    }),
});

const share = (used: number, all: number): number => (all === 0 ? 0 : Math.min(1, used / all));
