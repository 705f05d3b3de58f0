import { nodes } from "../../api/core/node/node.js";
import type { AdmissionPlugin } from "./admission.js";
import { isFor, objectOf } from "./subject.js";

/** A node that registers takes no pods until it is known to be ready. */
export const taintNodesByCondition: AdmissionPlugin = {
  name: "TaintNodesByCondition",
  handles: (request) => isFor(request, nodes) && request.operation === "CREATE",
  mutate(request) {
    const node = objectOf(request, nodes);
    const taints = node?.spec.taints ?? [];
    if (!node || taints.some(({ key, effect }) => key === notReadyKey && effect === "NoSchedule"))
      return request.object;
    const notReady = { key: notReadyKey, effect: "NoSchedule" as const };
    return { ...node, spec: { ...node.spec, taints: [...taints, notReady] } };
  },
};

const notReadyKey = "node.kubernetes.io/not-ready";
