import type { Node } from "../../api/core/node/node.js";
import type { NodeCondition, NodeStatus } from "../../api/core/node/status.js";
import { toTime } from "../../base/clock.js";
import { equal } from "../../base/equal.js";
import { nodeImages } from "../images/garbage.js";
import type { Image, RuntimeCondition } from "../runtime/runtime.js";
import { runtimeIsDown } from "./condition-events.js";
import type { HostFacts } from "./host.js";
import type { NodeFigures } from "./registration.js";

export interface NodeStatusInput {
  readonly nodeName: string;
  readonly before: NodeStatus | undefined;
  readonly host: HostFacts;
  readonly resources: NodeFigures;
  readonly runtime: {
    readonly name: string;
    readonly version: string;
    readonly conditions: readonly RuntimeCondition[];
    /** Undefined while the runtime cannot be asked. */
    readonly images: readonly Image[] | undefined;
  };
  readonly addresses: readonly string[];
  readonly serverPort: number | undefined;
  /** As /version reports it. */
  readonly version: string;
  readonly nowMs: number;
}

/** What the agent says of its node. Pure; conditions of others stay, times of transition move only with a change. */
export function nodeStatus(input: NodeStatusInput): NodeStatus {
  const { before, host, resources, runtime, nowMs } = input;
  const now = toTime(nowMs);
  const own = conditionsOf(input).map((condition): NodeCondition => {
    const old = before?.conditions?.find(({ type }) => type === condition.type);
    return {
      ...condition,
      lastHeartbeatTime: now,
      lastTransitionTime: old?.status === condition.status ? (old.lastTransitionTime ?? now) : now,
    };
  });
  const foreign = (before?.conditions ?? []).filter(({ type }) => !own.some((condition) => condition.type === type));
  return {
    ...before,
    capacity: { ...before?.capacity, ...resources.capacity },
    allocatable: { ...before?.allocatable, ...resources.allocatable },
    conditions: [...foreign, ...own],
    addresses: [
      ...input.addresses.map((address) => ({ type: "InternalIP", address })),
      { type: "Hostname", address: input.nodeName },
    ],
    ...(input.serverPort === undefined ? {} : { daemonEndpoints: { kubeletEndpoint: { Port: input.serverPort } } }),
    nodeInfo: {
      machineID: host.machineId,
      systemUUID: host.systemUuid,
      bootID: host.bootId,
      kernelVersion: host.kernelVersion,
      osImage: host.osImage,
      containerRuntimeVersion: `${runtime.name}://${runtime.version}`,
      kubeletVersion: input.version,
      kubeProxyVersion: "",
      operatingSystem: host.operatingSystem,
      architecture: host.architecture,
      ...(host.swapBytes === 0 ? {} : { swap: { capacity: host.swapBytes } }),
    },
    ...(runtime.images ? { images: nodeImages(runtime.images) } : {}),
  };
}

/** https://kubernetes.io/docs/reference/node/node-status/#condition */
function conditionsOf({ resources: { pressure, isShuttingDown }, runtime }: NodeStatusInput): readonly NodeCondition[] {
  const failed = runtime.conditions.filter(({ status }) => !status).map(notReadyText);
  const unready = isShuttingDown ? [...failed, "node is shutting down"] : failed;
  const pressureCondition = (type: string, has: boolean, resource: string, title: string): NodeCondition =>
    has
      ? { type, status: "True", reason: `KubeletHas${resource}`, message: `kubelet has ${title} available` }
      : {
          type,
          status: "False",
          reason: `KubeletHas${sufficient[resource] ?? resource}`,
          message: `kubelet has ${goodTitles[resource] ?? title} available`,
        };
  return [
    pressureCondition("MemoryPressure", pressure.memory, "InsufficientMemory", "insufficient memory"),
    pressure.disk
      ? { type: "DiskPressure", status: "True", reason: "KubeletHasDiskPressure", message: "kubelet has disk pressure" }
      : {
          type: "DiskPressure",
          status: "False",
          reason: "KubeletHasNoDiskPressure",
          message: "kubelet has no disk pressure",
        },
    pressureCondition("PIDPressure", pressure.pids, "InsufficientPID", "insufficient PID"),
    unready.length === 0
      ? { type: "Ready", status: "True", reason: "KubeletReady", message: "kubelet is posting ready status" }
      : { type: "Ready", status: "False", reason: "KubeletNotReady", message: unready.join(", ") },
  ];
}

const notReadyText = ({ type, reason, message }: RuntimeCondition): string =>
  type === "NetworkReady"
    ? `container runtime network not ready: NetworkReady=false reason:${reason} message:${message}`
    : `${runtimeIsDown}${message}`;

const sufficient: Readonly<Record<string, string>> = {
  InsufficientMemory: "SufficientMemory",
  InsufficientPID: "SufficientPID",
};
const goodTitles: Readonly<Record<string, string>> = {
  InsufficientMemory: "sufficient memory",
  InsufficientPID: "sufficient PID",
};

/** Whether there is news for the API server; the heartbeat alone is none, and what is empty may be stored as absent. */
export function isSameStatus(a: NodeStatus | undefined, b: NodeStatus): boolean {
  const bare = (status: NodeStatus | undefined): unknown =>
    withoutEmpty({
      ...status,
      conditions: (status?.conditions ?? [])
        .map(({ lastHeartbeatTime: _, ...condition }) => condition)
        .toSorted((one, other) => one.type.localeCompare(other.type)),
    });
  return equal(bare(a), bare(b));
}

function withoutEmpty(value: unknown): unknown {
  if (Array.isArray(value)) return value.length === 0 ? undefined : value.map(withoutEmpty);
  if (typeof value !== "object" || value === null) return value === "" ? undefined : value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, field]) => {
      const kept = withoutEmpty(field);
      return kept === undefined ? [] : [[name, kept]];
    }),
  );
}

/** Labels that every node carries. */
export const nodeLabels = (
  nodeName: string,
  { operatingSystem, architecture }: HostFacts,
): Readonly<Record<string, string>> => ({
  "beta.kubernetes.io/arch": architecture,
  "beta.kubernetes.io/os": operatingSystem,
  "kubernetes.io/arch": architecture,
  "kubernetes.io/hostname": nodeName,
  "kubernetes.io/os": operatingSystem,
});

export const hasLabels = (node: Node, labels: Readonly<Record<string, string>>): boolean =>
  Object.entries(labels).every(([name, value]) => node.metadata.labels?.[name] === value);
