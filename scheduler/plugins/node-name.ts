import { definePlugin, fits, rejects, skip } from "../framework.js";

/** A pod that names its node runs there or nowhere. */
export const nodeName = definePlugin({
  name: "NodeName",
  prepare: (pod) => pod.spec.nodeName || skip,
  filter: (wanted, { node }) =>
    node.metadata.name === wanted ? fits : rejects("node(s) didn't match the requested node name"),
  requeueOn: ["Node/Add"],
});
