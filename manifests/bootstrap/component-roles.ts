import { askAboutCallers, leadBy, on, read, recordEvents } from "./rules.js";
import type { RoleRules } from "./user-roles.js";

/** The least that each component needs. Nodes get theirs from the node authorizer, object by object. */
export const componentRoles: readonly RoleRules[] = [
  {
    name: "system:kube-scheduler",
    rules: [
      ...recordEvents,
      ...leadBy("kube-scheduler"),
      on("", ["nodes", "namespaces", "services", "replicationcontrollers"], read),
      on("", ["persistentvolumeclaims", "persistentvolumes"], read),
      on("", ["pods"], [...read, "delete"]),
      on("", ["bindings", "pods/binding"], ["create"]),
      on("", ["pods/status"], ["patch", "update"]),
      on("apps", ["replicasets", "statefulsets"], read),
      on("policy", ["poddisruptionbudgets"], read),
      on("scheduling.k8s.io", ["priorityclasses"], read),
      on("storage.k8s.io", ["csidrivers", "csinodes", "csistoragecapacities", "storageclasses"], read),
      ...askAboutCallers,
    ],
  },
  {
    name: "system:kube-controller-manager",
    rules: [
      ...recordEvents,
      ...leadBy("kube-controller-manager"),
      // Garbage collection and the end of a namespace concern every kind, those not known yet included.
      on("*", ["*"], [...read, "delete", "deletecollection", "patch", "update"]),
      on("", ["configmaps", "endpoints", "pods", "serviceaccounts"], ["create"]),
      on("", ["pods/eviction"], ["create"]),
      // What a role aggregates may be more than these rights.
      on("rbac.authorization.k8s.io", ["clusterroles"], ["escalate"]),
      on("apps", ["controllerrevisions", "replicasets"], ["create"]),
      on("discovery.k8s.io", ["endpointslices"], ["create"]),
      ...askAboutCallers,
    ],
  },
  {
    name: "system:node",
    rules: [
      ...recordEvents,
      on("", ["nodes"], ["create", "get", "list", "watch", "patch", "update"]),
      on("", ["nodes/status"], ["patch", "update"]),
      on("", ["pods"], [...read, "create", "delete"]),
      on("", ["pods/status"], ["patch", "update"]),
      on("", ["pods/eviction", "serviceaccounts/token"], ["create"]),
      on("", ["configmaps", "secrets", "serviceaccounts", "services"], read),
      on("coordination.k8s.io", ["leases"], ["create", "delete", "get", "patch", "update"]),
      on("node.k8s.io", ["runtimeclasses"], read),
      ...askAboutCallers,
    ],
  },
  {
    name: "system:node-proxier",
    rules: [
      ...recordEvents,
      on("", ["services", "endpoints", "nodes"], read),
      on("discovery.k8s.io", ["endpointslices"], read),
    ],
  },
  {
    name: "system:kubelet-api-admin",
    rules: [
      on("", ["nodes"], ["get", "list", "watch", "proxy"]),
      on("", ["nodes/proxy", "nodes/log", "nodes/stats", "nodes/metrics"], ["*"]),
      on("", ["nodes/configz", "nodes/healthz", "nodes/pods"], ["get", "list"]),
    ],
  },
];
