import { leases } from "../../api/coordination/lease.js";
import { pods } from "../../api/core/pod/pod.js";
import { ageOf } from "../../apimachinery/duration.js";
import { addQuantity, bytesOf, cpuMilli, formatQuantity, parseQuantity } from "../../apimachinery/quantity.js";
import type { AnyObject, Api } from "../api.js";
import { conditionsOf, podSpecOf } from "../workload.js";
import type { ContainerSpec } from "./containers.js";
import type { Describer } from "./describer.js";
import { type Layout, timeText } from "./layout.js";

interface NodeView {
  readonly spec?: {
    readonly podCIDR?: string;
    readonly podCIDRs?: readonly string[];
    readonly providerID?: string;
    readonly unschedulable?: boolean;
    readonly taints?: readonly { readonly key: string; readonly value?: string; readonly effect: string }[];
  };
  readonly status?: {
    readonly addresses?: readonly { readonly type: string; readonly address: string }[];
    readonly capacity?: Amounts;
    readonly allocatable?: Amounts;
    readonly nodeInfo?: Readonly<Record<string, string>>;
  };
}
type Amounts = Readonly<Record<string, string>>;

export const describeNode: Describer = async (layout, node, { api, nowMs }) => {
  const { spec = {}, status = {} } = node as unknown as NodeView;
  const { metadata } = node;
  const roles = Object.keys(metadata.labels ?? {}).flatMap(
    (label) => /^node-role\.kubernetes\.io\/(.+)$/.exec(label)?.[1] ?? [],
  );
  layout.line(0, `Name:\t${metadata.name}`);
  layout.line(0, `Roles:\t${roles.sort().join(",") || "<none>"}`);
  layout.map(0, "Labels", metadata.labels);
  layout.annotations(0, node);
  layout.line(0, `CreationTimestamp:\t${timeText(metadata.creationTimestamp)}`);
  layout.lines(
    0,
    "Taints",
    (spec.taints ?? []).map(({ key, value, effect }) => `${key}${value ? `=${value}` : ""}:${effect}`),
  );
  layout.line(0, `Unschedulable:\t${spec.unschedulable ?? false}`);
  await describeLease(layout, metadata.name ?? "", api);
  describeConditions(layout, node);
  layout.line(0, "Addresses:");
  for (const { type, address } of status.addresses ?? []) layout.line(1, `${type}:\t${address}`);
  describeAmounts(layout, "Capacity", status.capacity);
  describeAmounts(layout, "Allocatable", status.allocatable);
  describeInfo(layout, status.nodeInfo ?? {});
  layout.given(0, "PodCIDR", spec.podCIDR);
  layout.given(0, "PodCIDRs", spec.podCIDRs?.join(","));
  layout.given(0, "ProviderID", spec.providerID);
  const fieldSelector = `spec.nodeName=${metadata.name},status.phase!=Succeeded,status.phase!=Failed`;
  const { items } = await api.list(pods, undefined, { fieldSelector });
  describePods(layout, items, status.allocatable ?? {}, nowMs);
};

async function describeLease(layout: Layout, name: string, api: Api): Promise<void> {
  const lease = await api.find(leases, name, "kube-node-lease").catch(() => undefined);
  layout.line(0, "Lease:");
  const spec = (lease?.spec ?? {}) as {
    readonly holderIdentity?: string;
    readonly acquireTime?: string;
    readonly renewTime?: string;
  };
  layout.line(1, `HolderIdentity:\t${spec.holderIdentity ?? "<unset>"}`);
  layout.line(1, `AcquireTime:\t${timeText(spec.acquireTime) || "<unset>"}`);
  layout.line(1, `RenewTime:\t${timeText(spec.renewTime) || "<unset>"}`);
}

function describeConditions(layout: Layout, node: AnyObject): void {
  const conditions = conditionsOf(node);
  if (conditions.length === 0) return;
  layout.line(0, "Conditions:\n  Type\tStatus\tLastHeartbeatTime\tLastTransitionTime\tReason\tMessage");
  layout.line(1, "----\t------\t-----------------\t------------------\t------\t-------");
  for (const { type, status, lastHeartbeatTime, lastTransitionTime, reason, message } of conditions) {
    layout.line(
      1,
      `${type} \t${status} \t${timeText(lastHeartbeatTime)} \t${timeText(lastTransitionTime)} \t${reason ?? ""} \t${message ?? ""}`,
    );
  }
}

function describeAmounts(layout: Layout, title: string, amounts: Amounts | undefined): void {
  if (!amounts) return;
  layout.line(0, `${title}:`);
  for (const [name, amount] of Object.entries(amounts).sort(([a], [b]) => (a < b ? -1 : 1)))
    layout.line(1, `${name}:\t${amount}`);
}

const infoTitles = [
  ["Machine ID", "machineID"],
  ["System UUID", "systemUUID"],
  ["Boot ID", "bootID"],
  ["Kernel Version", "kernelVersion"],
  ["OS Image", "osImage"],
  ["Operating System", "operatingSystem"],
  ["Architecture", "architecture"],
  ["Container Runtime Version", "containerRuntimeVersion"],
  ["Kubelet Version", "kubeletVersion"],
  ["Kube-Proxy Version", "kubeProxyVersion"],
] as const;

function describeInfo(layout: Layout, info: Readonly<Record<string, string>>): void {
  layout.line(0, "System Info:");
  for (const [title, field] of infoTitles) layout.line(1, `${title}:\t${info[field] ?? ""}`);
}

const percent = (amount: number, of: number): string => `(${of > 0 ? Math.floor((amount / of) * 100) : 0}%)`;
const counted = ["cpu", "memory", "ephemeral-storage"] as const;

/** Requests or limits of one resource over all containers. */
function sumOf(containers: readonly ContainerSpec[], kind: "requests" | "limits", resource: string): string {
  const amounts = containers.flatMap(({ resources }) => resources?.[kind]?.[resource] ?? []);
  return amounts.reduce((sum, amount) => formatQuantity(addQuantity(sum, amount)), "0");
}

function describePods(layout: Layout, items: readonly AnyObject[], allocatable: Amounts, nowMs: number): void {
  const size = (resource: string, amount: string): number => (resource === "cpu" ? cpuMilli(amount) : bytesOf(amount));
  const share = (resource: string, amount: string): string =>
    `${formatQuantity(parseQuantity(amount))} ${percent(size(resource, amount), size(resource, allocatable[resource] ?? "0"))}`;
  const containersOf = (pod: AnyObject): readonly ContainerSpec[] =>
    (podSpecOf(pod)?.containers ?? []) as readonly ContainerSpec[];
  layout.line(0, `Non-terminated Pods:\t(${items.length} in total)`);
  layout.line(1, "Namespace\tName\t\tCPU Requests\tCPU Limits\tMemory Requests\tMemory Limits\tAge");
  layout.line(1, "---------\t----\t\t------------\t----------\t---------------\t-------------\t---");
  for (const pod of items) {
    const cells = (["cpu", "memory"] as const).flatMap((resource) =>
      (["requests", "limits"] as const).map((kind) => share(resource, sumOf(containersOf(pod), kind, resource))),
    );
    layout.line(
      1,
      `${pod.metadata.namespace}\t${pod.metadata.name}\t\t${cells.join("\t")}\t${ageOf(pod.metadata.creationTimestamp, nowMs)}`,
    );
  }
  const all = items.flatMap(containersOf);
  layout.line(0, "Allocated resources:\n  (Total limits may be over 100 percent, i.e., overcommitted.)");
  layout.line(1, "Resource\tRequests\tLimits");
  layout.line(1, "--------\t--------\t------");
  const hugePages = Object.keys(allocatable).filter((name) => name.startsWith("hugepages-"));
  for (const resource of [...counted, ...hugePages.sort()]) {
    layout.line(
      1,
      `${resource}\t${share(resource, sumOf(all, "requests", resource))}\t${share(resource, sumOf(all, "limits", resource))}`,
    );
  }
}
