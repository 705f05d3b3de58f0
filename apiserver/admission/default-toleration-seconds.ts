import { type Pod, pods } from "../../api/core/pod/pod.js";
import type { Toleration } from "../../api/core/pod/toleration.js";
import type { AdmissionPlugin } from "./admission.js";
import { isFor, objectOf } from "./subject.js";

/** For how long pods stay on a node that fails, unless they say so themselves. */
export interface DefaultTolerations {
  readonly notReadySeconds: number;
  readonly unreachableSeconds: number;
}

/** Each pod tolerates a node's failure for a while, so that a short one moves nothing. */
export const defaultTolerationSeconds = (defaults: DefaultTolerations): AdmissionPlugin => ({
  name: "DefaultTolerationSeconds",
  handles: (request) => isFor(request, pods) && (request.operation === "CREATE" || request.operation === "UPDATE"),
  mutate(request) {
    const pod = objectOf(request, pods);
    return pod ? withTolerations(pod, defaults) : request.object;
  },
});

export function withTolerations(pod: Pod, { notReadySeconds, unreachableSeconds }: DefaultTolerations): Pod {
  const given = pod.spec.tolerations ?? [];
  const added = [
    ...(tolerates(given, notReadyKey) ? [] : [toleration(notReadyKey, notReadySeconds)]),
    ...(tolerates(given, unreachableKey) ? [] : [toleration(unreachableKey, unreachableSeconds)]),
  ];
  return added.length === 0 ? pod : { ...pod, spec: { ...pod.spec, tolerations: [...given, ...added] } };
}

const notReadyKey = "node.kubernetes.io/not-ready";
const unreachableKey = "node.kubernetes.io/unreachable";

const tolerates = (given: readonly Toleration[], taintKey: string): boolean =>
  given.some(({ key, effect }) => (!key || key === taintKey) && (!effect || effect === "NoExecute"));

const toleration = (key: string, tolerationSeconds: number): Toleration => ({
  key,
  operator: "Exists",
  effect: "NoExecute",
  tolerationSeconds,
});
