import type { Pod } from "../../api/core/pod/pod.js";
import { compareQuantity } from "../../apimachinery/quantity.js";
import { ownContainersOf } from "./containers.js";

/** How well a pod's resources are assured. https://kubernetes.io/docs/concepts/workloads/pods/pod-qos/ */
export function qosClassOf(pod: Pod): "Guaranteed" | "Burstable" | "BestEffort" {
  const given = [
    ...ownContainersOf(pod).map(({ container }) => container.resources),
    ...(pod.spec.resources ? [pod.spec.resources] : []),
  ];
  const counted = pod.spec.resources ? [pod.spec.resources] : given;
  const asks = (amounts: Readonly<Record<string, string>> | undefined): boolean =>
    assured.some((name) => isPositive(amounts?.[name]));
  if (!given.some(({ requests, limits }) => asks(requests) || asks(limits))) return "BestEffort";
  const guaranteed = counted.every(({ requests, limits }) =>
    assured.every((name) => {
      const limit = limits?.[name];
      return isPositive(limit) && limit !== undefined && compareQuantity(requests?.[name] ?? limit, limit) === 0;
    }),
  );
  return guaranteed ? "Guaranteed" : "Burstable";
}

const assured = ["cpu", "memory"];
const isPositive = (amount: string | undefined): boolean => amount !== undefined && compareQuantity(amount, "0") > 0;
