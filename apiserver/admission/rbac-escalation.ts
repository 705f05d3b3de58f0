import { clusterRoles } from "../../api/rbac/cluster-role.js";
import { clusterRoleBindings } from "../../api/rbac/cluster-role-binding.js";
import { compactRules, formatNames, formatRule, uncovered } from "../../api/rbac/matching.js";
import type { PolicyRule } from "../../api/rbac/policy-rule.js";
import { roles } from "../../api/rbac/role.js";
import { type RoleBinding, roleBindings } from "../../api/rbac/role-binding.js";
import { equal } from "../../base/equal.js";
import type { Authorizer } from "../authz/authorizer.js";
import { type RbacAuthorizer, roleOf } from "../authz/rbac.js";
import type { Reads } from "../registry/reads.js";
import type { User } from "../request.js";
import type { AdmissionPlugin, AdmissionRequest } from "./admission.js";
import { objectOf, oldObjectOf, refusal } from "./subject.js";

export interface EscalationOptions {
  readonly rbac: RbacAuthorizer;
  /** Decides over the verbs `escalate` and `bind`. */
  readonly authorizer: Authorizer;
}

/**
 * Nobody grants more than they hold: neither by writing a role, unless they may `escalate` it, nor by binding one,
 * unless they may `bind` it. https://kubernetes.io/docs/reference/access-authn-authz/rbac/#privilege-escalation-prevention-and-bootstrapping
 */
export const rbacEscalation = (options: EscalationOptions): AdmissionPlugin => ({
  name: "RBACEscalation",
  handles: (request) =>
    (request.operation === "CREATE" || request.operation === "UPDATE") &&
    request.definition.group === roles.group &&
    !request.user.groups.includes("system:masters"),
  validate(request, reads) {
    checkRole(request, options);
    checkBinding(request, reads, options);
  },
});

function checkRole(request: AdmissionRequest, options: EscalationOptions): void {
  const role = objectOf(request, roles) ?? objectOf(request, clusterRoles);
  if (!role) return;
  const old = oldObjectOf(request, roles) ?? oldObjectOf(request, clusterRoles);
  const aggregation = (one: typeof role | undefined) =>
    one && "aggregationRule" in one ? one.aggregationRule : undefined;
  const unchanged = old && equal(old.rules, role.rules) && equal(aggregation(old), aggregation(role));
  if (unchanged || mayDo(request, "escalate", role.metadata.name, options)) return;
  if (aggregation(role) && missing(request.user, "", everything, options).length > 0)
    throw refusal(request, "must have cluster-admin privileges to use an aggregationRule");
  check(request, role.rules ?? [], options);
}

function checkBinding(request: AdmissionRequest, reads: Reads, options: EscalationOptions): void {
  const binding = objectOf<RoleBinding>(request, roleBindings) ?? objectOf(request, clusterRoleBindings);
  if (!binding) return;
  const old = oldObjectOf<RoleBinding>(request, roleBindings) ?? oldObjectOf(request, clusterRoleBindings);
  const { roleRef } = binding;
  if (old && equal(old.roleRef, roleRef) && equal(old.subjects, binding.subjects)) return;
  const plural = roleRef.kind === "ClusterRole" ? clusterRoles.plural : roles.plural;
  if (mayDo(request, "bind", roleRef.name, options, plural)) return;
  const role = roleOf(reads, roleRef, request.namespace);
  if (!role) {
    const kind = plural === clusterRoles.plural ? "clusterrole" : "role";
    throw refusal(request, `${kind}.rbac.authorization.k8s.io ${JSON.stringify(roleRef.name)} not found`);
  }
  check(request, role.rules ?? [], options);
}

const everything: readonly PolicyRule[] = [
  { verbs: ["*"], apiGroups: ["*"], resources: ["*"] },
  { verbs: ["*"], nonResourceURLs: ["*"] },
];

function mayDo(
  { user, namespace, definition }: AdmissionRequest,
  verb: "escalate" | "bind",
  name: string,
  { authorizer }: EscalationOptions,
  plural = definition.plural,
): boolean {
  const { group, version } = definition;
  return authorizer.authorize({
    user,
    verb,
    path: "",
    resource: { group, version, plural, subresource: "", namespace, name, fields: new Map() },
  }).allowed;
}

const missing = (user: User, namespace: string, wanted: readonly PolicyRule[], { rbac }: EscalationOptions) =>
  uncovered(
    rbac.grantsFor(user, namespace).grants.flatMap(({ rules }) => rules),
    wanted,
  );

function check(request: AdmissionRequest, wanted: readonly PolicyRule[], options: EscalationOptions): void {
  const { user } = request;
  const lacking = missing(user, request.namespace, wanted, options);
  if (lacking.length === 0) return;
  const shown = compactRules(lacking).map(formatRule).sort();
  throw refusal(
    request,
    `user ${JSON.stringify(user.name)} (groups=${formatNames(user.groups)}) is attempting to grant RBAC permissions not currently held:\n${shown.join("\n")}`,
  );
}
