import { addQuantity, compareQuantity, formatQuantity } from "../../../apimachinery/quantity.js";
import type { Container } from "./container.js";
import type { Pod } from "./pod.js";

type Amounts = Readonly<Record<string, string>>;

/**
 * What a node must have free for the pod: the larger of what all containers and sidecars take together and what the
 * init containers need at their worst moment (each beside the sidecars started before it), pod-level requests where
 * given, plus the overhead of its runtime class.
 * https://kubernetes.io/docs/concepts/workloads/pods/sidecar-containers/#resource-sharing-within-containers
 */
export const podRequests = (pod: Pod): Amounts => effective(pod, "requests");

/** As podRequests, for limits; a resource that some container does not limit is left out of nothing: it sums what is there. */
export const podLimits = (pod: Pod): Amounts => effective(pod, "limits");

function effective({ spec, status }: Pod, side: "requests" | "limits"): Amounts {
  const promised = side === "requests" ? promisedOf(status) : undefined;
  const amountsOf = ({ name, resources }: Container): Amounts => {
    const own = resources?.[side] ?? {};
    const had = promised?.amounts.get(name);
    return !had ? own : promised?.refused ? { ...own, ...had } : { ...own, ...greater(had, own) };
  };
  let sidecars: Amounts = {};
  let initPeak: Amounts = {};
  for (const container of spec.initContainers ?? []) {
    const own = amountsOf(container);
    if (container.restartPolicy === "Always") {
      sidecars = sum(sidecars, own);
      initPeak = greater(initPeak, sidecars);
    } else {
      initPeak = greater(initPeak, sum(sidecars, own));
    }
  }
  const running = spec.containers.reduce((total, container) => sum(total, amountsOf(container)), sidecars);
  const needed = { ...greater(running, initPeak), ...spec.resources?.[side] };
  return side === "requests" ? sum(needed, spec.overhead ?? {}) : needed;
}

/**
 * What the node has promised a pod that is being resized: until it has what it asks for now, both count; where it never
 * will, only what it has.
 */
function promisedOf(status: Pod["status"]) {
  const statuses = [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])];
  const amounts = new Map(
    statuses.flatMap(({ name, allocatedResources }) => (allocatedResources ? [[name, allocatedResources]] : [])),
  );
  if (amounts.size === 0) return undefined;
  const refused = status?.conditions?.some(
    ({ type, reason }) => type === "PodResizePending" && reason === "Infeasible",
  );
  return { amounts, refused: refused ?? false };
}

const sum = (left: Amounts, right: Amounts): Amounts =>
  combine(left, right, (a, b) => formatQuantity(addQuantity(a, b)));
const greater = (left: Amounts, right: Amounts): Amounts =>
  combine(left, right, (a, b) => (compareQuantity(a, b) >= 0 ? a : b));

function combine(left: Amounts, right: Amounts, merge: (left: string, right: string) => string): Amounts {
  const result: Record<string, string> = { ...left };
  for (const [name, amount] of Object.entries(right)) {
    const other = result[name];
    result[name] = other === undefined ? amount : merge(other, amount);
  }
  return result;
}
