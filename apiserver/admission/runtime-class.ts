import { type Pod, pods } from "../../api/core/pod/pod.js";
import type { Toleration } from "../../api/core/pod/toleration.js";
import { type RuntimeClass, runtimeClasses } from "../../api/node/runtime-class.js";
import type { KubeObject } from "../../apimachinery/meta.js";
import { compareQuantity, isQuantity } from "../../apimachinery/quantity.js";
import { equal } from "../../base/equal.js";
import type { AdmissionPlugin, AdmissionRequest } from "./admission.js";
import { isFor, objectOf, refusal } from "./subject.js";

/**
 * A pod of a RuntimeClass costs what the class costs, and goes where the class can run.
 * https://kubernetes.io/docs/concepts/containers/runtime-class/
 */
export const runtimeClass: AdmissionPlugin = {
  name: "RuntimeClass",
  handles: (request) => request.operation === "CREATE" && request.subresource === "" && isFor(request, pods),
  async mutate(request, reads): Promise<KubeObject> {
    const pod = objectOf(request, pods);
    if (!pod) return request.object;
    const { runtimeClassName: name } = pod.spec;
    if (!name) return pod;
    const found = reads.get(runtimeClasses, "", name) ?? (await reads.getFresh(runtimeClasses, "", name));
    if (!found) throw refusal(request, `pod rejected: RuntimeClass "${name}" not found`);
    return withScheduling(request, withOverhead(request, pod, found), found);
  },
  validate(request) {
    const pod = objectOf(request, pods);
    if (pod && !pod.spec.runtimeClassName && Object.keys(pod.spec.overhead ?? {}).length > 0)
      throw refusal(request, "pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead");
  },
};

function withOverhead(request: AdmissionRequest, pod: Pod, { overhead }: RuntimeClass): Pod {
  const given = pod.spec.overhead;
  const wanted = overhead?.podFixed ?? {};
  if (given !== undefined && !sameAmounts(given, wanted))
    throw refusal(
      request,
      overhead
        ? "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead"
        : "pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead",
    );
  return overhead?.podFixed ? { ...pod, spec: { ...pod.spec, overhead: wanted } } : pod;
}

function sameAmounts(a: Readonly<Record<string, string>>, b: Readonly<Record<string, string>>): boolean {
  const names = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...names].every((name) => sameAmount(a[name] ?? "0", b[name] ?? "0"));
}

/** Nothing was validated yet: what is no amount is another than any. */
const sameAmount = (a: string, b: string): boolean => isQuantity(a) && isQuantity(b) && compareQuantity(a, b) === 0;

/** Selectors of both hold; where they contradict each other the pod could run nowhere. */
function withScheduling(request: AdmissionRequest, pod: Pod, { scheduling }: RuntimeClass): Pod {
  if (!scheduling) return pod;
  const { nodeSelector = {}, tolerations = [] } = scheduling;
  const own = pod.spec.nodeSelector ?? {};
  for (const [key, value] of Object.entries(nodeSelector))
    if (Object.hasOwn(own, key) && own[key] !== value)
      throw refusal(
        request,
        `conflict: runtimeClass.scheduling.nodeSelector[${key}] = ${value}; pod.spec.nodeSelector[${key}] = ${own[key]}`,
      );
  const merged = { ...own, ...nodeSelector };
  const tolerated = withoutRepeats([...(pod.spec.tolerations ?? []), ...tolerations]);
  return {
    ...pod,
    spec: {
      ...pod.spec,
      ...(Object.keys(merged).length === 0 ? {} : { nodeSelector: merged }),
      ...(tolerated.length === 0 ? {} : { tolerations: tolerated }),
    },
  };
}

const withoutRepeats = (tolerations: readonly Toleration[]): readonly Toleration[] =>
  tolerations.filter((one, index) => tolerations.findIndex((other) => equal(other, one)) === index);
