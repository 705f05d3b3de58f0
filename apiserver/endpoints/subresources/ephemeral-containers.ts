import { ephemeralUpdateErrors } from "../../../api/core/pod/ephemeral-rules.js";
import { podPartEndpoint } from "./pod-part.js";

/**
 * Puts containers into a pod that runs, to look at it.
 * https://kubernetes.io/docs/concepts/workloads/pods/ephemeral-containers/
 */
export const ephemeralContainers = podPartEndpoint({
  subresource: "ephemeralcontainers",
  staticPods: "static pods do not support ephemeral containers",
  errors: ephemeralUpdateErrors,
  merge({ ephemeralContainers: _, ...rest }, { ephemeralContainers }) {
    return ephemeralContainers === undefined ? rest : { ...rest, ephemeralContainers };
  },
  applied: ({ ephemeralContainers }) => (ephemeralContainers === undefined ? {} : { ephemeralContainers }),
});
