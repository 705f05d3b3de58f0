import type { PolicyRule } from "../../api/rbac/policy-rule.js";
import { on, onPaths, read, write } from "./rules.js";

/** What people get: everything, or all, most or a look at one namespace. */
export interface RoleRules {
  readonly name: string;
  readonly rules: readonly PolicyRule[];
  readonly labels?: Readonly<Record<string, string>>;
  /** Labels of the roles whose rules make up this one's. */
  readonly aggregates?: Readonly<Record<string, string>>;
}

const workloads: readonly PolicyRule[] = [
  on("apps", ["daemonsets", "deployments", "deployments/scale", "replicasets", "replicasets/scale"], write),
  on("apps", ["deployments/rollback", "statefulsets", "statefulsets/scale"], write),
  on("autoscaling", ["horizontalpodautoscalers"], write),
  on("batch", ["cronjobs", "jobs"], write),
  on("networking.k8s.io", ["ingresses", "networkpolicies"], write),
  on("policy", ["poddisruptionbudgets"], write),
  on("resource.k8s.io", ["resourceclaims", "resourceclaimtemplates"], write),
];

const editRules: readonly PolicyRule[] = [
  on("", ["pods/attach", "pods/exec", "pods/portforward", "pods/proxy", "secrets", "services/proxy"], read),
  on("", ["serviceaccounts"], ["impersonate"]),
  on("", ["pods", "pods/attach", "pods/exec", "pods/portforward", "pods/proxy"], write),
  on("", ["pods/eviction", "serviceaccounts/token"], ["create"]),
  on("", ["configmaps", "events", "persistentvolumeclaims", "secrets", "serviceaccounts"], write),
  on("", ["replicationcontrollers", "replicationcontrollers/scale", "services", "services/proxy"], write),
  on("coordination.k8s.io", ["leases"], [...read, ...write]),
  ...workloads,
];

const viewRules: readonly PolicyRule[] = [
  on("", ["bindings", "configmaps", "endpoints", "events", "limitranges", "namespaces", "namespaces/status"], read),
  on("", ["persistentvolumeclaims", "persistentvolumeclaims/status", "pods", "pods/log", "pods/status"], read),
  on("", ["replicationcontrollers", "replicationcontrollers/scale", "replicationcontrollers/status"], read),
  on("", ["resourcequotas", "resourcequotas/status", "serviceaccounts", "services", "services/status"], read),
  on("apps", ["controllerrevisions", "daemonsets", "daemonsets/status"], read),
  on("apps", ["deployments", "deployments/scale", "deployments/status"], read),
  on("apps", ["replicasets", "replicasets/scale", "replicasets/status"], read),
  on("apps", ["statefulsets", "statefulsets/scale", "statefulsets/status"], read),
  on("autoscaling", ["horizontalpodautoscalers", "horizontalpodautoscalers/status"], read),
  on("batch", ["cronjobs", "cronjobs/status", "jobs", "jobs/status"], read),
  on("discovery.k8s.io", ["endpointslices"], read),
  on("metrics.k8s.io", ["nodes", "pods"], read),
  on("events.k8s.io", ["events"], read),
  on("networking.k8s.io", ["ingresses", "ingresses/status", "networkpolicies"], read),
  on("policy", ["poddisruptionbudgets", "poddisruptionbudgets/status"], read),
  on("resource.k8s.io", ["resourceclaims", "resourceclaims/status", "resourceclaimtemplates"], read),
];

const adminRules: readonly PolicyRule[] = [
  on("authorization.k8s.io", ["localsubjectaccessreviews"], ["create"]),
  on("rbac.authorization.k8s.io", ["rolebindings", "roles"], [...read, ...write]),
];

const healthPaths = ["/healthz", "/livez", "/readyz"];
const publicPaths = [...healthPaths, "/version", "/version/"];

const aggregateTo = (role: string): Readonly<Record<string, string>> => ({
  [`rbac.authorization.k8s.io/aggregate-to-${role}`]: "true",
});

export const userRoles: readonly RoleRules[] = [
  { name: "cluster-admin", rules: [on("*", ["*"], ["*"]), onPaths(["*"], ["*"])] },
  { name: "admin", rules: [...editRules, ...viewRules, ...adminRules], aggregates: aggregateTo("admin") },
  {
    name: "edit",
    rules: [...editRules, ...viewRules],
    labels: aggregateTo("admin"),
    aggregates: aggregateTo("edit"),
  },
  { name: "view", rules: viewRules, labels: aggregateTo("edit"), aggregates: aggregateTo("view") },
  { name: "system:aggregate-to-admin", rules: adminRules, labels: aggregateTo("admin") },
  { name: "system:aggregate-to-edit", rules: editRules, labels: aggregateTo("edit") },
  { name: "system:aggregate-to-view", rules: viewRules, labels: aggregateTo("view") },
  {
    name: "system:discovery",
    rules: [onPaths([...publicPaths, "/api", "/api/*", "/apis", "/apis/*", "/openapi", "/openapi/*"], ["get"])],
  },
  { name: "system:public-info-viewer", rules: [onPaths(publicPaths, ["get"])] },
  {
    name: "system:basic-user",
    rules: [
      on("authorization.k8s.io", ["selfsubjectaccessreviews", "selfsubjectrulesreviews"], ["create"]),
      on("authentication.k8s.io", ["selfsubjectreviews"], ["create"]),
    ],
  },
  {
    name: "system:monitoring",
    rules: [onPaths([...healthPaths, "/healthz/*", "/livez/*", "/readyz/*", "/metrics", "/metrics/slis"], ["get"])],
  },
  {
    name: "system:service-account-issuer-discovery",
    rules: [
      onPaths(
        [
          "/.well-known/openid-configuration",
          "/.well-known/openid-configuration/",
          "/openid/v1/jwks",
          "/openid/v1/jwks/",
        ],
        ["get"],
      ),
    ],
  },
  {
    name: "system:auth-delegator",
    rules: [
      on("authentication.k8s.io", ["tokenreviews"], ["create"]),
      on("authorization.k8s.io", ["subjectaccessreviews"], ["create"]),
    ],
  },
];
