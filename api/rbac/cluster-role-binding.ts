import { defineResource, type ObjectOf } from "../../apimachinery/resource.js";
import { list, optional, ref } from "../../apimachinery/schema/schema.js";
import { bindingColumns } from "./binding-columns.js";
import { bindingErrors } from "./binding-rules.js";
import { type RoleRef, roleRef, type Subject, subject } from "./role-binding.js";

/** Gives subjects the rights of a cluster role everywhere. */
export const clusterRoleBindings = defineResource({
  group: "rbac.authorization.k8s.io",
  version: "v1",
  kind: "ClusterRoleBinding",
  plural: "clusterrolebindings",
  scope: "Cluster",
  fields: {
    /** Users, groups and service accounts that get the rights; none if empty. */
    subjects: optional(list(ref<Subject>(() => subject))),
    /** The cluster role whose rights they get; never changes. */
    roleRef: ref<RoleRef>(() => roleRef, { default: {} }),
  },
  nameRule: "path-segment",
  allowCreateOnUpdate: true,
  validate: (binding, old) => bindingErrors(binding, old, false),
  columns: bindingColumns,
});
export interface ClusterRoleBinding extends ObjectOf<typeof clusterRoleBindings> {}
