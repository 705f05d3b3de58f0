import type { Taint } from "../../api/core/node/taint.js";
import type { Toleration } from "../../api/core/pod/toleration.js";
import { toleratesTaint } from "../../api/core/pod/tolerations.js";
import { definePlugin, fits, rejects } from "../framework.js";

/** NoSchedule and NoExecute taints keep pods away that do not tolerate them; PreferNoSchedule ones make a node worse. */
export const taintToleration = definePlugin({
  name: "TaintToleration",
  prepare: ({ spec: { tolerations = [] } }) => tolerations,
  filter: (tolerations, { node: { spec } }) => {
    const taint = spec.taints?.find(
      ({ effect, ...rest }) => effect !== "PreferNoSchedule" && !tolerated(tolerations, { effect, ...rest }),
    );
    return taint ? rejects(`node(s) had untolerated taint {${taint.key}: ${taint.value ?? ""}}`) : fits;
  },
  score: ({ prepared, nodes }) =>
    nodes.map(({ node: { spec } }) => {
      let disliked = 0;
      for (const taint of spec.taints ?? [])
        if (taint.effect === "PreferNoSchedule" && !tolerated(prepared, taint)) disliked++;
      return disliked;
    }),
  normalize: "lowest-is-best",
  requeueOn: ["Node/Add", "Node/UpdateTaint"],
  helps: ({ spec: { tolerations = [] } }, { info }) =>
    info?.node.spec.taints?.every((taint) => taint.effect === "PreferNoSchedule" || tolerated(tolerations, taint)) ??
    true,
});

const tolerated = (tolerations: readonly Toleration[], taint: Taint): boolean =>
  tolerations.some((toleration) => toleratesTaint(toleration, taint));
