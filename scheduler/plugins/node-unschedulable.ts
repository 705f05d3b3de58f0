import { toleratesTaint } from "../../api/core/pod/tolerations.js";
import { definePlugin, fits, rejects } from "../framework.js";

/** A cordoned node takes only pods that tolerate its being unschedulable. */
export const nodeUnschedulable = definePlugin({
  name: "NodeUnschedulable",
  prepare: ({ spec: { tolerations = [] } }) => tolerations.some((toleration) => toleratesTaint(toleration, cordoned)),
  filter: (tolerated, { node }) =>
    tolerated || !node.spec.unschedulable ? fits : rejects("node(s) were unschedulable"),
  requeueOn: ["Node/Add", "Node/UpdateUnschedulable"],
  helps: (_, { info }) => info?.node.spec.unschedulable !== true,
});

const cordoned = { key: "node.kubernetes.io/unschedulable", effect: "NoSchedule" } as const;
