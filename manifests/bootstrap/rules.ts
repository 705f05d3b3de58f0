import type { PolicyRule } from "../../api/rbac/policy-rule.js";

/** Short ways of writing policy rules. */
export const on = (group: string, resources: readonly string[], verbs: readonly string[]): PolicyRule => ({
  apiGroups: [group],
  resources,
  verbs,
});

export const onNames = (
  group: string,
  resources: readonly string[],
  resourceNames: readonly string[],
  verbs: readonly string[],
): PolicyRule => ({ ...on(group, resources, verbs), resourceNames });

export const onPaths = (nonResourceURLs: readonly string[], verbs: readonly string[]): PolicyRule => ({
  nonResourceURLs,
  verbs,
});

export const read: readonly string[] = ["get", "list", "watch"];
export const write: readonly string[] = ["create", "delete", "deletecollection", "patch", "update"];
export const recordEvents: readonly PolicyRule[] = ["", "events.k8s.io"].map((group) =>
  on(group, ["events"], ["create", "patch", "update"]),
);
/** For servers that leave it to the API server who their callers are and what they may. */
export const askAboutCallers: readonly PolicyRule[] = [
  on("authentication.k8s.io", ["tokenreviews"], ["create"]),
  on("authorization.k8s.io", ["subjectaccessreviews"], ["create"]),
];
/** Leader election by a Lease of this name. */
export const leadBy = (lease: string): readonly PolicyRule[] => [
  on("coordination.k8s.io", ["leases"], ["create", "list", "watch"]),
  onNames("coordination.k8s.io", ["leases"], [lease], ["get", "update", "patch"]),
];
