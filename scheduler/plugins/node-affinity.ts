import { matchesNodeSelectorTerm, matchesRequired } from "../../api/core/pod/node-affinity.js";
import { definePlugin, fits, rejects, skip } from "../framework.js";

/** spec.nodeSelector and required node affinity keep pods off nodes; preferred terms add their weights. */
export const nodeAffinity = definePlugin({
  name: "NodeAffinity",
  prepare: (pod) => {
    const { nodeSelector, affinity } = pod.spec;
    const preferred = affinity?.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [];
    if (
      !nodeSelector &&
      !affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution &&
      preferred.length === 0
    )
      return skip;
    return { pod, preferred };
  },
  filter: ({ pod }, { node }) =>
    matchesRequired(pod, node) ? fits : rejects("node(s) didn't match Pod's node affinity/selector"),
  score: ({ prepared: { preferred }, nodes }) =>
    nodes.map(({ node }) => {
      let sum = 0;
      for (const { preference, weight } of preferred) if (matchesNodeSelectorTerm(preference, node)) sum += weight;
      return sum;
    }),
  normalize: "highest-is-best",
  isPicky: true,
  requeueOn: ["Node/Add", "Node/UpdateLabel"],
  helps: (pod, { info }) => !info || matchesRequired(pod, info.node),
});
