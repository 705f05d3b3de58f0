import { pods } from "../../api/core/pod/pod.js";
import { index } from "../framework/cache.js";

/** Pods by the node that they are bound to. */
export const podNodeIndex = index(pods, "node", ({ spec }) => (spec.nodeName ? [spec.nodeName] : []));
