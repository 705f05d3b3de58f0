import { ageColumn, type Column, nameColumn, type ObjectWith } from "../../../apimachinery/resource.js";
import type { NodeSpec } from "./node.js";
import type { NodeStatus } from "./status.js";

/** What `kubectl get nodes` shows. */

type Node = ObjectWith<NodeSpec, NodeStatus>;

export const nodeColumns: readonly Column<Node>[] = [
  nameColumn,
  { name: "Status", cell: stateOf },
  { name: "Roles", cell: rolesOf },
  ageColumn,
  { name: "Version", cell: ({ status }) => status?.nodeInfo?.kubeletVersion ?? "" },
  { name: "Internal-IP", priority: 1, cell: addressOf("InternalIP") },
  { name: "External-IP", priority: 1, cell: addressOf("ExternalIP") },
  { name: "OS-Image", priority: 1, cell: ({ status }) => status?.nodeInfo?.osImage || "<unknown>" },
  { name: "Kernel-Version", priority: 1, cell: ({ status }) => status?.nodeInfo?.kernelVersion || "<unknown>" },
  {
    name: "Container-Runtime",
    priority: 1,
    cell: ({ status }) => status?.nodeInfo?.containerRuntimeVersion || "<unknown>",
  },
];

function stateOf({ spec, status }: Node): string {
  const ready = status?.conditions?.find(({ type }) => type === "Ready");
  const state = ready ? (ready.status === "True" ? "Ready" : "NotReady") : "Unknown";
  return spec.unschedulable ? `${state},SchedulingDisabled` : state;
}

const rolePrefix = "node-role.kubernetes.io/";

function rolesOf({ metadata: { labels = {} } }: Node): string | undefined {
  const roles = Object.entries(labels).flatMap(([key, value]) => {
    if (key.startsWith(rolePrefix)) return key.slice(rolePrefix.length) || [];
    return key === "kubernetes.io/role" && value !== "" ? value : [];
  });
  return roles.length === 0 ? undefined : [...new Set(roles)].sort().join(",");
}

function addressOf(type: string): (node: Node) => string | undefined {
  return ({ status }) => status?.addresses?.find((address) => address.type === type)?.address;
}
