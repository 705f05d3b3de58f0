import type { Node } from "../../api/core/node/node.js";
import { matchesNodeSelector, matchesNodeSelectorTerm } from "../../api/core/pod/node-affinity.js";
import type { Pod } from "../../api/core/pod/pod.js";
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

/** Whether the node satisfies the pod's nodeSelector and required node affinity. */
export function matchesRequired({ spec: { nodeSelector, affinity } }: Pod, node: Node): boolean {
  const labels = node.metadata.labels ?? {};
  if (nodeSelector && !Object.entries(nodeSelector).every(([key, value]) => labels[key] === value)) return false;
  const required = affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  return !required || matchesNodeSelector(required, node);
}
