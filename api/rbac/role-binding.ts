import { defineResource, type ObjectOf } from "../../apimachinery/resource.js";
import { type Infer, list, object, optional, ref, string } from "../../apimachinery/schema/schema.js";

export const roleRef = object(
  "RoleRef",
  {
    apiGroup: string({ default: "rbac.authorization.k8s.io" }),
    kind: string({ default: "" }),
    name: string({ nonEmpty: true }),
  },
  { mapType: "atomic" },
);
export interface RoleRef extends Infer<typeof roleRef> {}

export const subject = object(
  "Subject",
  {
    kind: string({ nonEmpty: true }),
    apiGroup: optional(string()),
    name: string({ nonEmpty: true }),
    namespace: optional(string()),
  },
  { mapType: "atomic" },
);
export interface Subject extends Infer<typeof subject> {}

export const roleBindings = defineResource({
  group: "rbac.authorization.k8s.io",
  version: "v1",
  kind: "RoleBinding",
  plural: "rolebindings",
  scope: "Namespaced",
  fields: {
    subjects: optional(list(ref<Subject>(() => subject))),
    roleRef: ref<RoleRef>(() => roleRef),
  },
  nameRule: "path-segment",
});
export interface RoleBinding extends ObjectOf<typeof roleBindings> {}
