import { defineResource, type ObjectOf } from "../../apimachinery/resource.js";
import { addRules, type Infer, list, object, optional, ref, string } from "../../apimachinery/schema/schema.js";
import { bindingColumns } from "./binding-columns.js";
import { bindingErrors, subjectDefaults } from "./binding-rules.js";

/** The role that a binding grants. */
export const roleRef = object(
  "RoleRef",
  {
    /** Group of the role: `rbac.authorization.k8s.io`. */
    apiGroup: string({ default: "rbac.authorization.k8s.io" }),
    /** ClusterRole, or Role for one of the binding's namespace. */
    kind: string({ default: "" }),
    /** Name of the role. */
    name: string({ default: "" }),
  },
  { mapType: "atomic" },
);
export interface RoleRef extends Infer<typeof roleRef> {}

/** A user, a group or a service account. */
export const subject = object(
  "Subject",
  {
    /** User, Group or ServiceAccount. */
    kind: string({ default: "" }),
    /** `rbac.authorization.k8s.io` for users and groups (filled in), empty for service accounts. */
    apiGroup: optional(string()),
    /** Name of the user, group or service account. */
    name: string({ default: "" }),
    /** Where the service account is; not for users and groups. */
    namespace: optional(string()),
  },
  { mapType: "atomic" },
);
export interface Subject extends Infer<typeof subject> {}
addRules(subject, { defaults: subjectDefaults });

/** Gives subjects the rights of a role within a namespace. */
export const roleBindings = defineResource({
  group: "rbac.authorization.k8s.io",
  version: "v1",
  kind: "RoleBinding",
  plural: "rolebindings",
  scope: "Namespaced",
  fields: {
    /** Users, groups and service accounts that get the rights; none if empty. */
    subjects: optional(list(ref<Subject>(() => subject))),
    /** The role or cluster role whose rights they get in this namespace; never changes. */
    roleRef: ref<RoleRef>(() => roleRef, { default: {} }),
  },
  nameRule: "path-segment",
  allowCreateOnUpdate: true,
  validate: (binding, old) => bindingErrors(binding, old, true),
  columns: bindingColumns,
});
export interface RoleBinding extends ObjectOf<typeof roleBindings> {}
