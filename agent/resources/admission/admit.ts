import type { Node } from "../../../api/core/node/node.js";
import { matchesRequired } from "../../../api/core/pod/node-affinity.js";
import type { Pod } from "../../../api/core/pod/pod.js";
import { qosClass } from "../../../api/core/pod/qos.js";
import { podRequests } from "../../../api/core/pod/requests.js";
import { untoleratedTaint } from "../../../api/core/pod/tolerations.js";
import { addQuantity, bytesOf, compareQuantity, cpuMilli, formatQuantity } from "../../../apimachinery/quantity.js";
import type { HostPressure } from "../../node/host.js";
import type { Dismissal } from "../../pod/dismissal.js";
import { isStaticPod } from "../../pod/static/manifest.js";
import { isCritical } from "./critical.js";
import { forbiddenSysctl } from "./sysctls.js";

export interface AdmissionInput {
  readonly pod: Pod;
  /** Undefined: not registered yet. */
  readonly node: Node | undefined;
  readonly allocatable: Readonly<Record<string, string>>;
  /** Those that take their part already. */
  readonly others: readonly Pod[];
  readonly pressure: HostPressure;
  readonly shuttingDown: boolean;
  /** Sysctls beyond the safe ones that pods may set, or patterns ending in `*`. */
  readonly allowedUnsafeSysctls?: readonly string[];
}

/**
 * Whether the node takes a pod that was bound to it. Whoever bound it may have known less than the agent does, or have
 * asked nobody: what does not fit is turned away for good, with the kubelet's reason.
 */
export function refusalOf(input: AdmissionInput): Dismissal | undefined {
  const found =
    shutdown(input) ??
    underPressure(input) ??
    forbiddenSysctl(input.pod, input.allowedUnsafeSysctls ?? []) ??
    shortage(input) ??
    misplaced(input);
  return found && { ...found, message: `Pod was rejected: ${found.message}` };
}

const shutdown = ({ shuttingDown }: AdmissionInput): Dismissal | undefined =>
  shuttingDown ? { reason: "NodeShutdown", message: "Pod was rejected as the node is shutting down." } : undefined;

/** https://kubernetes.io/docs/concepts/scheduling-eviction/node-pressure-eviction/#node-conditions */
function underPressure({ pod, pressure }: AdmissionInput): Dismissal | undefined {
  if (isCritical(pod)) return undefined;
  const conditions = [
    ...(pressure.memory ? ["MemoryPressure"] : []),
    ...(pressure.disk ? ["DiskPressure"] : []),
    ...(pressure.pids ? ["PIDPressure"] : []),
  ];
  if (conditions.length === 0) return undefined;
  if (conditions.length === 1 && pressure.memory) {
    if (qosClass(pod.spec) !== "BestEffort") return undefined;
    const taint = { key: "node.kubernetes.io/memory-pressure", effect: "NoSchedule" as const };
    if (!untoleratedTaint([taint], pod.spec.tolerations ?? [], ["NoSchedule"])) return undefined;
  }
  return { reason: "Evicted", message: `The node had condition: [${conditions.join(" ")}]. ` };
}

function shortage({ pod, allocatable, others }: AdmissionInput): Dismissal | undefined {
  const maxPods = Number(allocatable.pods ?? Number.POSITIVE_INFINITY);
  if (others.length + 1 > maxPods) return outOf("pods", 1, others.length, maxPods);
  const wanted = podRequests(pod);
  const taken = others.map(podRequests);
  for (const [name, amount] of Object.entries(wanted)) {
    if (compareQuantity(amount, "0") <= 0) continue;
    const used = taken.reduce((sum, each) => formatQuantity(addQuantity(sum, each[name] ?? "0")), "0");
    const capacity = allocatable[name] ?? "0";
    if (compareQuantity(addQuantity(used, amount), capacity) <= 0) continue;
    const count = name === "cpu" ? cpuMilli : bytesOf;
    return outOf(name, count(amount), count(used), count(capacity));
  }
  return undefined;
}

const outOf = (resource: string, requested: number, used: number, capacity: number): Dismissal => ({
  reason: `OutOf${resource}`,
  message: `Node didn't have enough resource: ${resource}, requested: ${requested}, used: ${used}, capacity: ${capacity}`,
});

function misplaced({ pod, node, others }: AdmissionInput): Dismissal | undefined {
  if (node && !matchesRequired(pod, node))
    return predicate("NodeAffinity", "node(s) didn't match Pod's node affinity/selector");
  const taken = others.flatMap(hostPortsOf);
  if (hostPortsOf(pod).some((port) => taken.some((other) => collide(port, other))))
    return predicate("NodePorts", "node(s) didn't have free ports for the requested pod ports");
  if (!isStaticPod(pod) && untoleratedTaint(node?.spec.taints ?? [], pod.spec.tolerations ?? [], ["NoExecute"]))
    return predicate("TaintToleration", "node(s) had taints that the pod didn't tolerate");
  return undefined;
}

const predicate = (name: string, what: string): Dismissal => ({
  reason: name,
  message: `Predicate ${name} failed: ${what}`,
});

interface HostPort {
  readonly ip: string;
  readonly protocol: string;
  readonly port: number;
}

const hostPortsOf = ({ spec }: Pod): readonly HostPort[] =>
  [
    ...spec.containers,
    ...(spec.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === "Always"),
  ].flatMap(({ ports = [] }) =>
    ports.flatMap(({ hostIP, hostPort, protocol = "TCP" }) =>
      hostPort ? [{ ip: hostIP || everyAddress, protocol, port: hostPort }] : [],
    ),
  );

const everyAddress = "0.0.0.0";
const collide = (left: HostPort, right: HostPort): boolean =>
  left.port === right.port &&
  left.protocol === right.protocol &&
  (left.ip === right.ip || left.ip === everyAddress || right.ip === everyAddress);
