import type { ClusterRole } from "../../api/rbac/cluster-role.js";
import type { ClusterRoleBinding } from "../../api/rbac/cluster-role-binding.js";
import type { DraftOf } from "../../apimachinery/resource.js";
import { componentRoles } from "./component-roles.js";
import { type RoleRules, userRoles } from "./user-roles.js";

/** Marks what the API server keeps complete; `"false"` in the cluster means that its owner took it over. */
const metadata = (name: string, labels: Readonly<Record<string, string>> = {}) => ({
  name,
  labels: { "kubernetes.io/bootstrapping": "rbac-defaults", ...labels },
  annotations: { "rbac.authorization.kubernetes.io/autoupdate": "true" },
});

const role = ({ name, rules, labels, aggregates }: RoleRules): DraftOf<ClusterRole> => ({
  apiVersion: "rbac.authorization.k8s.io/v1",
  kind: "ClusterRole",
  metadata: metadata(name, labels),
  rules,
  ...(aggregates ? { aggregationRule: { clusterRoleSelectors: [{ matchLabels: aggregates }] } } : {}),
});

const binding = (name: string, kind: "User" | "Group", subjects: readonly string[]): DraftOf<ClusterRoleBinding> => ({
  apiVersion: "rbac.authorization.k8s.io/v1",
  kind: "ClusterRoleBinding",
  metadata: metadata(name),
  subjects: subjects.map((subject) => ({ apiGroup: "rbac.authorization.k8s.io", kind, name: subject })),
  roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name },
});

export const bootstrapClusterRoles: readonly DraftOf<ClusterRole>[] = [...userRoles, ...componentRoles].map(role);

export const bootstrapClusterRoleBindings: readonly DraftOf<ClusterRoleBinding>[] = [
  binding("cluster-admin", "Group", ["system:masters"]),
  binding("system:basic-user", "Group", ["system:authenticated"]),
  binding("system:discovery", "Group", ["system:authenticated"]),
  binding("system:public-info-viewer", "Group", ["system:authenticated", "system:unauthenticated"]),
  binding("system:monitoring", "Group", ["system:monitoring"]),
  binding("system:service-account-issuer-discovery", "Group", ["system:serviceaccounts"]),
  binding("system:kube-scheduler", "User", ["system:kube-scheduler"]),
  binding("system:kube-controller-manager", "User", ["system:kube-controller-manager"]),
  binding("system:node-proxier", "User", ["system:kube-proxy"]),
];
