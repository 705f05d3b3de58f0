import { defineResource, type ObjectOf } from "../../apimachinery/resource.js";
import { addRules, type Infer, list, object, optional, ref, string } from "../../apimachinery/schema/schema.js";
import { bindingColumns } from "./binding-columns.js";
import { bindingErrors, subjectDefaults } from "./binding-rules.js";

/** The role that a binding grants. */
export const roleRef = object(
  "RoleRef",
  {
    /** Group of the role. */
    apiGroup: string({ default: "rbac.authorization.k8s.io" }),
    /** Role or ClusterRole. */
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
    kind: string({ default: "" }),
    apiGroup: optional(string()),
    name: string({ default: "" }),
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
    /** To whom. */
    subjects: optional(list(ref<Subject>(() => subject))),
    /** What; never changes. */
    roleRef: ref<RoleRef>(() => roleRef, { default: {} }),
  },
  nameRule: "path-segment",
  allowCreateOnUpdate: true,
  validate: (binding, old) => bindingErrors(binding, old, true),
  columns: bindingColumns,
});
export interface RoleBinding extends ObjectOf<typeof roleBindings> {}
