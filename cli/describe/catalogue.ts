import type { Describer } from "./describer.js";

/** Kinds with a layout of their own, `Kind.group`; all others are laid out field by field. */
export const describers: Readonly<Record<string, () => Promise<Describer>>> = {
  "Pod.": async () => (await import("./pod.js")).describePod,
  "Deployment.apps": async () => (await import("./deployment.js")).describeDeployment,
  "ReplicaSet.apps": async () => (await import("./replicaset.js")).describeReplicaSet,
  "Service.": async () => (await import("./service.js")).describeService,
  "Node.": async () => (await import("./node.js")).describeNode,
  "Namespace.": async () => (await import("./namespace.js")).describeNamespace,
  "ConfigMap.": async () => (await import("./config-map.js")).describeConfigMap,
  "Secret.": async () => (await import("./secret.js")).describeSecret,
  "Role.rbac.authorization.k8s.io": async () => (await import("./role.js")).describeRole,
  "ClusterRole.rbac.authorization.k8s.io": async () => (await import("./role.js")).describeRole,
  "RoleBinding.rbac.authorization.k8s.io": async () => (await import("./role-binding.js")).describeRoleBinding,
  "ClusterRoleBinding.rbac.authorization.k8s.io": async () => (await import("./role-binding.js")).describeRoleBinding,
  "ServiceAccount.": async () => (await import("./service-account.js")).describeServiceAccount,
};
