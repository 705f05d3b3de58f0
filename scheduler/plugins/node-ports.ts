import { definePlugin, fits, rejects, skip } from "../framework.js";
import { type HostPort, usageOf } from "../node-info.js";

/** Two pods of one node cannot hold the same host port. */
export const nodePorts = definePlugin({
  name: "NodePorts",
  prepare: (pod) => {
    const { hostPorts } = usageOf(pod);
    return hostPorts.length === 0 ? skip : hostPorts;
  },
  filter: (wanted, { hostPorts }) =>
    wanted.some((port) => hostPorts.some((taken) => collide(port, taken)))
      ? rejects("node(s) didn't have free ports for the requested pod ports")
      : fits,
  requeueOn: ["Node/Add", "AssignedPod/Delete"],
});

const everyAddress = "0.0.0.0";
const collide = (left: HostPort, right: HostPort): boolean =>
  left.port === right.port &&
  left.protocol === right.protocol &&
  (left.ip === right.ip || left.ip === everyAddress || right.ip === everyAddress);
