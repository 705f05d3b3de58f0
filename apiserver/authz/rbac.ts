import { type ClusterRole, clusterRoles } from "../../api/rbac/cluster-role.js";
import { type ClusterRoleBinding, clusterRoleBindings } from "../../api/rbac/cluster-role-binding.js";
import { type AccessAttributes, rulesAllow } from "../../api/rbac/matching.js";
import type { PolicyRule } from "../../api/rbac/policy-rule.js";
import { type Role, roles } from "../../api/rbac/role.js";
import { type RoleBinding, type RoleRef, roleBindings, type Subject } from "../../api/rbac/role-binding.js";
import type { Reads } from "../registry/reads.js";
import type { User } from "../request.js";
import type { Attributes, Authorizer, Decision } from "./authorizer.js";

/** Rules that a user holds somewhere, and by which binding. */
export interface Grant {
  readonly rules: readonly PolicyRule[];
  readonly binding: ClusterRoleBinding | RoleBinding;
  readonly subject: Subject;
}
export interface Grants {
  readonly grants: readonly Grant[];
  /** Bindings that name a role which does not exist. */
  readonly problems: readonly string[];
}

/**
 * Role-based access control over the caches. What a user holds is worked out once a namespace and kept until a role or
 * a binding changes anywhere.
 */
export class RbacAuthorizer implements Authorizer {
  readonly #reads: Reads;
  #version = "";
  #index: BindingIndex = { cluster: new Map(), namespaces: new Map() };
  /** By user and namespace where something is bound, in order of last rebuild; forgotten as a whole. */
  readonly #held = new Map<string, Grants>();

  constructor(reads: Reads) {
    this.#reads = reads;
  }

  authorize(attributes: Attributes): Decision {
    const cluster = this.#grantsIn(attributes.user, "");
    const found = allowing(cluster, attributes);
    if (found) return found;
    const namespace = attributes.resource?.namespace ?? "";
    const local = namespace === "" ? none : this.#grantsIn(attributes.user, namespace);
    return allowing(local, attributes) ?? refused([...cluster.problems, ...local.problems]);
  }

  /** How many answers it keeps. */
  get heldEntries(): number {
    return this.#held.size;
  }

  /** Everything that the user holds in the namespace ("": cluster-wide), from bindings of both kinds. */
  grantsFor(user: User, namespace: string): Grants {
    const cluster = this.#grantsIn(user, "");
    if (namespace === "") return cluster;
    const local = this.#grantsIn(user, namespace);
    return { grants: [...cluster.grants, ...local.grants], problems: [...cluster.problems, ...local.problems] };
  }

  /** From ClusterRoleBindings for "", from the namespace's RoleBindings otherwise. */
  #grantsIn(user: User, namespace: string): Grants {
    this.#refresh();
    // The namespace is whatever the caller wrote, who may be anybody: only those that bind somebody are kept.
    const bound = namespace === "" ? this.#index.cluster : this.#index.namespaces.get(namespace);
    if (!bound) return none;
    const key = JSON.stringify([namespace, user.name, user.groups]);
    if (key.length > keyMaxCharacters) return this.#resolve(user, namespace, bound);
    let held = this.#held.get(key);
    if (!held) {
      if (this.#held.size >= heldMaxEntries) this.#held.clear();
      held = this.#resolve(user, namespace, bound);
      this.#held.set(key, held);
    }
    return held;
  }

  #refresh(): void {
    const reads = this.#reads;
    const version = `${reads.changes(clusterRoleBindings)}/${reads.changes(roleBindings)}/${reads.changes(clusterRoles)}/${reads.changes(roles)}`;
    if (version === this.#version) return;
    this.#version = version;
    this.#held.clear();
    this.#index = indexBindings(reads);
  }

  #resolve(user: User, namespace: string, bound: ReadonlyMap<string, readonly Bound[]>): Grants {
    const grants: Grant[] = [];
    const problems: string[] = [];
    for (const key of subjectKeysOf(user))
      for (const { binding, subject } of bound.get(key) ?? []) {
        const role = roleOf(this.#reads, binding.roleRef, namespace);
        if (role) grants.push({ rules: role.rules ?? [], binding, subject });
        else problems.push(missingRole(binding.roleRef));
      }
    return { grants, problems };
  }
}

const none: Grants = { grants: [], problems: [] };
const heldMaxEntries = 10_000;
/** What a user with a very long name or very many groups holds is worked out anew each time. */
const keyMaxCharacters = 1_024;

type Bound = { readonly binding: ClusterRoleBinding | RoleBinding; readonly subject: Subject };
interface BindingIndex {
  readonly cluster: Map<string, Bound[]>;
  readonly namespaces: Map<string, Map<string, Bound[]>>;
}

function indexBindings(reads: Reads): BindingIndex {
  const index: BindingIndex = { cluster: new Map(), namespaces: new Map() };
  for (const binding of reads.list(clusterRoleBindings, "")) add(index.cluster, binding);
  for (const binding of reads.list(roleBindings, "")) {
    const namespace = binding.metadata.namespace ?? "";
    let bound = index.namespaces.get(namespace);
    if (!bound) {
      bound = new Map();
      index.namespaces.set(namespace, bound);
    }
    add(bound, binding);
  }
  return index;
}

function add(bound: Map<string, Bound[]>, binding: ClusterRoleBinding | RoleBinding): void {
  for (const subject of binding.subjects ?? []) {
    if (!subjectKinds.has(subject.kind)) continue;
    const key = subjectKey(subject, binding.metadata.namespace ?? "");
    const list = bound.get(key);
    if (list) list.push({ binding, subject });
    else bound.set(key, [{ binding, subject }]);
  }
}

const subjectKinds: ReadonlySet<string> = new Set(["User", "Group", "ServiceAccount"]);

/** A service account is bound under the user name that its tokens give. */
const subjectKey = ({ kind, name, namespace }: Subject, bindingNamespace: string): string =>
  kind === "ServiceAccount" ? `User system:serviceaccount:${namespace || bindingNamespace}:${name}` : `${kind} ${name}`;

const subjectKeysOf = ({ name, groups }: User): readonly string[] => [
  `User ${name}`,
  ...groups.map((group) => `Group ${group}`),
];

/** The role that a binding names; `namespace` is the binding's own. */
export function roleOf(reads: Reads, { kind, name }: RoleRef, namespace: string): Role | ClusterRole | undefined {
  return kind === "ClusterRole" ? reads.get(clusterRoles, "", name) : reads.get(roles, namespace, name);
}

const missingRole = ({ kind, name }: RoleRef): string =>
  `${kind.toLowerCase()}.rbac.authorization.k8s.io ${JSON.stringify(name)} not found`;

function allowing({ grants }: Grants, { verb, path, resource }: Attributes): Decision | undefined {
  const access: AccessAttributes = resource ? { ...resource, verb, resource: resource.plural } : { verb, path };
  for (const { rules, binding, subject } of grants)
    if (rulesAllow(rules, access))
      return { allowed: true, reason: `RBAC: allowed by ${describeBinding(binding)} to ${describeSubject(subject)}` };
  return undefined;
}

function refused(problems: readonly string[]): Decision {
  const [first] = problems;
  if (first === undefined) return { allowed: false, reason: "" };
  return { allowed: false, reason: problems.length === 1 ? `RBAC: ${first}` : `RBAC: [${problems.join(", ")}]` };
}

function describeBinding({ kind, metadata, roleRef }: ClusterRoleBinding | RoleBinding): string {
  const name = metadata.namespace === undefined ? metadata.name : `${metadata.name}/${metadata.namespace}`;
  return `${kind} ${JSON.stringify(name)} of ${roleRef.kind} ${JSON.stringify(roleRef.name)}`;
}

const describeSubject = ({ kind, name, namespace }: Subject): string =>
  `${kind} ${JSON.stringify(kind === "ServiceAccount" ? `${name}/${namespace ?? ""}` : name)}`;
