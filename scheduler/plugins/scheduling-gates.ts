import { definePlugin, rejects } from "../framework.js";

/** A pod with scheduling gates waits outside the queue until all are removed. */
export const schedulingGates = definePlugin({
  name: "SchedulingGates",
  preEnqueue: ({ spec: { schedulingGates: gates = [] } }) =>
    gates.length === 0
      ? undefined
      : rejects(`waiting for scheduling gates: ${gates.map(({ name }) => name).join(", ")}`),
});
