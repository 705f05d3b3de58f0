import { podResizeErrors, withResources } from "../../../api/core/pod/resize-rules.js";
import { podPartEndpoint } from "./pod-part.js";

/**
 * Changes what the containers of a pod that runs may use; the agent of the node says in the pod's conditions what becomes
 * of it.
 */
export const resizePod = podPartEndpoint({
  subresource: "resize",
  staticPods: "static pods cannot be resized",
  errors: podResizeErrors,
  merge: withResources,
});
